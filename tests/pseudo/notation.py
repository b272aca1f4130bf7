"""The notation of docs/pseudo-code.md: a text becomes a function that changes a state (state.py)."""
import re

TOKEN = re.compile(r"\s*(?:(0x[0-9a-f]+|\d+)|([A-Za-z_][A-Za-z_0-9]*)|(\|\||<<|>>|==|!=|<=|>=|[-+*/&|^~<>=()\[\],:]))")
LEVELS = [["or"], ["and"], ["not"], ["==", "!=", "<", "<=", ">", ">="], ["|"], ["^"], ["&"], ["||"], ["<<", ">>"],
          ["+", "-"], ["*", "/"]]
REGISTERS = {"GR", "FPR", "AR", "VR", "CR"}


class Wrong(Exception):
    pass


def tokens(text):
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise Wrong(f"'{text[at:]}'")
        found.append(match.group(match.lastindex))
        at = match.end()
    return found


class Line:
    """The tokens of a line, read from the left; expressions become Python's."""

    def __init__(self, text, functions):
        self.text, self.rest, self.functions = text, tokens(text), functions

    def peek(self, at=0):
        return self.rest[at] if at < len(self.rest) else None

    def take(self, wanted=None):
        if not self.rest or wanted and self.rest[0] != wanted:
            raise Wrong(f"{self.text}: '{wanted}' expected before {self.rest[:3]}")
        return self.rest.pop(0)

    def skip(self, word):
        if self.peek() == word:
            self.take()
            return True
        return False

    def expression(self):
        value = self.level(0)
        if self.skip("if"):
            condition = self.level(0)
            self.take("else")
            value = f"({value} if {condition} else {self.expression()})"
        return value

    def level(self, n):
        if n == len(LEVELS):
            return self.unary()
        if LEVELS[n] == ["not"]:
            return f"(not {self.level(n)})" if self.skip("not") else self.level(n + 1)
        value = self.level(n + 1)
        while self.peek() in LEVELS[n]:
            operator = self.take()
            other = self.level(n + 1)
            value = f"S.join({value}, {other})" if operator == "||" else f"({value} {operator} {other})"
        return value

    def unary(self):
        if self.peek() in ("-", "~"):
            return f"({self.take()}{self.unary()})"
        value = self.primary()
        while self.peek() == "(":
            self.take()
            first = self.expression()
            last = self.expression() if self.skip(":") else first
            self.take(")")
            value = f"S.part({value}, {first}, {last})"
        return value

    def arguments(self, end):
        found = []
        while not self.skip(end):
            found.append(self.expression())
            if self.peek() != end:
                self.take(",")
        return ", ".join(found)

    def primary(self):
        token = self.take()
        if token == "(":
            value = self.expression()
            self.take(")")
            return value
        if token[0].isdigit():
            return token
        if token in REGISTERS:
            self.take("[")
            return f"S.register('{token}', {self.arguments(']')})"
        if re.fullmatch(r"v\d", token) and self.skip("["):
            return f"S.element('{token}', {self.arguments(']')})"
        if token in self.functions and self.peek() == "(":
            self.take()
            return f"S.{token}({self.arguments(')')})"
        if re.fullmatch(r"[a-zA-Z_]\w*", token):
            return f"S['{token}']"
        raise Wrong(f"{self.text}: '{token}'")

    def target(self):
        """What is assigned to, as a tuple for State.assign()."""
        name = self.take()
        if name in REGISTERS:
            self.take("[")
            number = self.arguments("]")
            if self.skip("("):
                first = self.expression()
                last = self.expression() if self.skip(":") else first
                self.take(")")
                return f"('{name}', {number}, {first}, {last})"
            return f"('{name}', {number})"
        if re.fullmatch(r"v\d", name) and self.skip("["):
            return f"('element', '{name}', {self.arguments(']')})"
        if name in ("storage", "real_storage", "key"):
            self.take("(")
            return f"('{name.split('_')[-1]}', {self.arguments(')')})"
        if name == "PSW":
            if not self.skip("("):
                return "('PSW', 0, 0, 127)"
            first = self.expression()
            last = self.expression() if self.skip(":") else first
            self.take(")")
            return f"('PSW', 0, {first}, {last})"
        return f"('name', '{name}')"

    def statement(self):
        if self.skip("branch"):
            self.take("(")
            return f"S.branch({self.arguments(')')})"
        if self.skip("raise"):
            words = []
            while self.rest:
                words.append(self.take())
            return f"S.stop('{' '.join(words).replace(' - ', '-')}')"
        if self.skip("stop"):
            return "S.stop()"
        if self.skip("nothing") or self.skip("purge"):
            return "pass"
        targets = [self.target()]
        while self.skip("||"):
            targets.append(self.target())
        self.take("=")
        return f"S.assign({self.expression()}, {', '.join(targets)})"

    def end(self):
        if self.rest:
            raise Wrong(f"{self.text}: {self.rest} is left")


def head(text, functions):
    """The Python of 'if c', 'else', 'while c', 'for i = a to b', 'for each n-bit element i'; or None."""
    match = re.fullmatch(r"for each (.+)-bit element ([a-z])", text)
    if match:
        line = Line(match[1], functions)
        size = line.expression()
        line.end()
        return f"for _ in S.elements({size}, '{match[2]}')"
    line = Line(text, functions)
    word = line.peek()
    if word == "else" and len(line.rest) == 1:
        return "else"
    if word in ("if", "while") or word == "else" and line.peek(1) == "if":
        line.take()
        word = "elif" if word == "else" and line.take() else word
        python = f"while S.again({line.expression()})" if word == "while" else f"{word} {line.expression()}"
    elif word == "for":
        line.take()
        name = line.take()
        line.take("=")
        first = line.expression()
        line.take("to")
        python = f"for _ in S.count('{name}', {first}, {line.expression()})"
    else:
        return None
    line.end()
    return python


def split_head(text):
    """'if c: body' at the colon that ends the head; it is not within parentheses."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == ":" and not depth:
            return text[:at], text[at + 1:].strip()
    return None, text


def python_of(text, functions):
    lines = []

    def put(line, indent):
        first, body = split_head(line) if re.match(r"(if|else|for|while)\b", line) else (None, line)
        if first is None:
            for part in line.split(";"):
                statement = Line(part, functions)
                lines.append(" " * indent + statement.statement())
                statement.end()
            return
        lines.append(" " * indent + head(first, functions) + ":")
        if body:
            put(body, indent + 1)
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(" "))
        put(line.strip(), 1 + 4 * depth)
    return "def run(S):\n" + "\n".join(lines) + "\n"


def compile_text(text, functions):
    scope = {}
    exec(compile(python_of(text, functions), text, "exec"), scope)  # made from our own texts
    return scope["run"]
