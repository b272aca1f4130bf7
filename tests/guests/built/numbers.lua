-- Strings, tables, closures and arithmetic of Lua; prints what must not depend on the machine.
local seed = 42
local function random()
    seed = (seed * 1103515245 + 12345) % 2147483648
    return seed
end

local t = {}
for i = 1, 20000 do t[i] = random() end
table.sort(t)
print("sort", t[1], t[10000], t[20000])
table.sort(t, function(a, b) return a % 1000 < b % 1000 or (a % 1000 == b % 1000 and a > b) end)
print("sort by", t[1], t[10000], t[20000])

local words = {}
for w in ("the quick brown fox jumps over the lazy dog "):rep(500):gmatch("%a+") do words[w] = (words[w] or 0) + 1 end
local names = {}
for w in pairs(words) do names[#names + 1] = w end
table.sort(names)
for _, w in ipairs(names) do io.write(w, "=", words[w], " ") end
print()
print((("a,b;c d"):gsub("[,; ]", {[","] = "<comma>", [";"] = "<semi>"})), ("x"):rep(300):find("y", 1, true), ("abc"):byte(1, -1))
print(string.format("%q %s %5.2f %g %a %x", "a\nb\0c", nil, 3.14159, 1e300, 0.1, 255))

local n = 60
local a, b = {}, {}
for i = 1, n do
    a[i], b[i] = {}, {}
    for j = 1, n do a[i][j], b[i][j] = random() / 2^31, random() / 2^31 - 0.5 end
end
local trace, total = 0, 0
for i = 1, n do
    for j = 1, n do
        local s = 0
        for k = 1, n do s = s + a[i][k] * b[k][j] end
        if i == j then trace = trace + s end
        total = total + math.sqrt(math.abs(s)) - math.sin(s) * math.exp(-s)
    end
end
print(string.format("matrix %.17g %.17g", trace, total))

print(1 // 0.0, -1 // 0.0, 0/0 ~= 0/0, 7 // -2, -7 % 3, 7.5 % -2, 5.3 // 0.7, 1 << 63, -1 >> 1, 3 ~ 5, math.maxinteger + 1 == math.mininteger)
print(math.tointeger(3.0), math.ult(1, -1), math.floor(-3.5), math.ceil(-3.5), math.fmod(-7, 3), 2^0.5, 10 // 3, 10 / 2)
print(tonumber("0x1p-2"), tonumber("1e1"), tonumber("  12  "), tonumber("z", 36), #string.pack(">i8d", 1, 2.5), string.unpack("<i4", "\1\2\3\4"))

local co = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i * i) end return "end" end)
print(co(), co(), co(), co(), co(), co())
print(pcall(function() error({code = 7}) end), select("#", pcall(error)), utf8.char(228, 8364, 128512), utf8.len("äöü"))

local count, sieve = 0, {}
for i = 2, 50000 do
    if not sieve[i] then
        count = count + 1
        for j = i * i, 50000, i do sieve[j] = true end
    end
end
print("primes", count)
local function fib(k) if k < 2 then return k end return fib(k - 1) + fib(k - 2) end
print("fib", fib(22))
collectgarbage()
print("end")
