"""z/Architecture instructions, CPU models, and guests that run on them: libzfacet for Python.

    >>> import zfacet
    >>> zfacet.decode(bytes.fromhex("b9ed4033")).text
    'msgrkc %r3,%r3,%r4'
    >>> z13 = zfacet.Model("z13")
    >>> zfacet.Gate(z13).check(bytes.fromhex("b9ed4033")).why
    'facility 58 (miscellaneous-instruction-extensions-2) is not in model z13'

Answers are objects with the members that zfacet.h describes; errors are raised as zfacet.Error.
The library is libzfacet.so.0 of the prefix where this file is installed, else as the system finds it, or the file that
ZFACET_LIBRARY names.
"""
import ctypes
import glob
import os
import types
from ctypes import POINTER, Structure, byref, c_bool, c_char_p, c_double, c_int, c_size_t, c_uint, c_uint64, c_void_p

__all__ = ["Error", "Gate", "Model", "Run", "compare", "decode", "models", "version"]


def _library():
    prefix = os.path.realpath(__file__).rpartition("/lib/python3/")[0]
    beside = [file for folder in ("lib*", "lib/*-linux-*") if prefix
              for file in sorted(glob.glob(f"{glob.escape(prefix)}/{folder}/libzfacet.so.0"))]
    return os.environ.get("ZFACET_LIBRARY") or (beside + ["libzfacet.so.0"])[0]


_lib = ctypes.CDLL(_library())


class Error(Exception):
    """What is wrong; `code` is that of zfacet.h."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class _Error(Structure):
    _fields_ = [("code", c_int), ("text", ctypes.c_char * 512)]


class _Insn(Structure):
    _fields_ = [("known", c_bool), ("privileged", c_bool), ("length", c_uint), ("mnemonic", c_char_p),
                ("name", c_char_p), ("format", c_char_p), ("text", c_char_p), ("facility", c_int),
                ("facility_name", c_char_p), ("first", c_char_p)]


class _Comparison(Structure):
    _fields_ = [("result", c_char_p), ("may_move", c_bool), ("first_count", c_uint), ("second_count", c_uint),
                ("only_first", POINTER(c_char_p)), ("only_second", POINTER(c_char_p))]


class _Verdict(Structure):
    _fields_ = [("permitted", c_bool), ("beyond", c_bool), ("implemented", c_bool), ("outcome", c_char_p),
                ("reason", c_char_p), ("why", c_char_p), ("form", c_char_p), ("facility", c_int),
                ("facility_name", c_char_p), ("first", c_char_p)]


class _Finding(Structure):
    _fields_ = [("kind", c_char_p), ("outcome", c_char_p), ("address", c_uint64), ("text", c_char_p),
                ("why", c_char_p), ("facility", c_int), ("facility_name", c_char_p), ("first", c_char_p),
                ("image", c_char_p), ("function", c_char_p), ("offset", c_uint64), ("count", c_uint64)]


class _End(Structure):
    _fields_ = [("how", c_char_p), ("status", c_int), ("text", c_char_p), ("psw_mask", c_uint64),
                ("psw_address", c_uint64), ("findings", c_uint64)]


_FOUND = ctypes.CFUNCTYPE(None, c_void_p, POINTER(_Finding))
_WROTE = ctypes.CFUNCTYPE(None, c_void_p, c_void_p, c_size_t)


def _function(name, result, *arguments):
    function = getattr(_lib, "zfacet_" + name)
    function.restype, function.argtypes = result, arguments
    return function


_version = _function("version", c_char_p)
_decode = _function("decode", POINTER(_Insn), c_char_p, c_size_t, c_uint64, POINTER(_Error))
_insn_free = _function("insn_free", None, POINTER(_Insn))
_model_new = _function("model_new", c_void_p, c_char_p, POINTER(_Error))
_model_free = _function("model_free", None, c_void_p)
_model_name = _function("model_name", c_char_p, c_void_p)
_model_ibc = _function("model_ibc", c_uint, c_void_p)
_model_type = _function("model_type", c_uint, c_void_p)
_model_has_facility = _function("model_has_facility", c_bool, c_void_p, c_uint)
_model_has_feature = _function("model_has_feature", c_int, c_void_p, c_char_p, POINTER(_Error))
_model_feature = _function("model_feature", c_char_p, c_void_p, c_uint)
_model_at = _function("model_at", c_char_p, c_uint)
_compare = _function("compare", POINTER(_Comparison), c_void_p, c_void_p, POINTER(_Error))
_comparison_free = _function("comparison_free", None, POINTER(_Comparison))
_gate_new = _function("gate_new", c_void_p, c_void_p, c_char_p, c_void_p, c_int, POINTER(_Error))
_gate_free = _function("gate_free", None, c_void_p)
_gate_check = _function("gate_check", POINTER(_Verdict), c_void_p, c_char_p, c_size_t, POINTER(_Error))
_verdict_free = _function("verdict_free", None, POINTER(_Verdict))
_run_new = _function("run_new", c_void_p, c_void_p, c_char_p, POINTER(c_char_p), POINTER(_Error))
_run_free = _function("run_free", None, c_void_p)
_run_set_finding = _function("run_set_finding", None, c_void_p, _FOUND, c_void_p)
_run_set_output = _function("run_set_output", None, c_void_p, _WROTE, c_void_p)
_run_set_limits = _function("run_set_limits", None, c_void_p, c_uint64, c_double)
_run_go = _function("run_go", POINTER(_End), c_void_p)
_run_stop = _function("run_stop", None, c_void_p)
_run_register = _function("run_register", c_uint64, c_void_p, c_uint)
_run_read = _function("run_read", c_int, c_void_p, c_uint64, c_void_p, c_size_t)


def _checked(function, *arguments):
    error = _Error()
    result = function(*arguments, byref(error))
    if not result:
        raise Error(error.code, error.text.decode())
    return result


def _answer(structure):
    """A copy of an answer's simple members, with texts as str."""
    values = {}
    for name, _ in structure._fields_:
        value = getattr(structure, name)
        values[name] = value.decode() if isinstance(value, bytes) else value
    return types.SimpleNamespace(**values)


def version():
    return _version().decode()


def decode(data, address=0):
    """The instruction at the beginning of `data`."""
    insn = _checked(_decode, data, len(data), address)
    answer = _answer(insn.contents)
    _insn_free(insn)
    return answer


def models():
    """Names of all models, oldest machine first."""
    names = []
    while _model_at(len(names)):
        names.append(_model_at(len(names)).decode())
    return names


class _Handle:
    _free = None

    def __del__(self):
        if getattr(self, "_handle", None):
            type(self)._free(self._handle)


class Model(_Handle):
    """A CPU model: Model("z13,vx=off")."""
    _free = _model_free

    def __init__(self, text):
        self._handle = _checked(_model_new, text.encode())
        self.name = _model_name(self._handle).decode()
        self.ibc = _model_ibc(self._handle)
        self.type = _model_type(self._handle)

    def has_facility(self, bit):
        return _model_has_facility(self._handle, bit)

    def has_feature(self, name):
        error = _Error()
        result = _model_has_feature(self._handle, name.encode(), byref(error))
        if result < 0:
            raise Error(error.code, error.text.decode())
        return bool(result)

    @property
    def features(self):
        names = []
        while _model_feature(self._handle, len(names)):
            names.append(_model_feature(self._handle, len(names)).decode())
        return names


def compare(first, second):
    """What `first` is to `second`: result, may_move, only_first, only_second."""
    c = _checked(_compare, first._handle, second._handle)
    answer = types.SimpleNamespace(
        result=c.contents.result.decode(), may_move=c.contents.may_move,
        only_first=[c.contents.only_first[i].decode() for i in range(c.contents.first_count)],
        only_second=[c.contents.only_second[i].decode() for i in range(c.contents.second_count)])
    _comparison_free(c)
    return answer


class Gate(_Handle):
    """What executes on a model under a policy, "model", "ibc" or "audit"."""
    _free = _gate_free

    def __init__(self, model, policy="model", host=None, ibc=-1):
        self._handle = _checked(_gate_new, model._handle, policy.encode(), host._handle if host else None, ibc)

    def check(self, data):
        verdict = _checked(_gate_check, self._handle, data, len(data))
        answer = _answer(verdict.contents)
        _verdict_free(verdict)
        return answer


class Run(_Handle):
    """A guest on a gate: a file or "rom:NAME"; of a Linux program with its arguments."""
    _free = _run_free

    def __init__(self, gate, guest, arguments=None, on_finding=None, on_output=None, insns=0, seconds=0):
        list_ = None
        if arguments:
            list_ = (c_char_p * (len(arguments) + 1))(*[a.encode() for a in arguments], None)
        self._handle = _checked(_run_new, gate._handle, guest.encode(), list_)
        self._callbacks = (_FOUND(lambda _, f: on_finding(_answer(f.contents))) if on_finding else _FOUND(),
                           _WROTE(lambda _, t, n: on_output(ctypes.string_at(t, n))) if on_output else _WROTE())
        _run_set_finding(self._handle, self._callbacks[0], None)
        _run_set_output(self._handle, self._callbacks[1], None)
        _run_set_limits(self._handle, insns, seconds)

    def go(self):
        """Runs it to its end, and returns how it ended."""
        return _answer(_run_go(self._handle).contents)

    def stop(self):
        _run_stop(self._handle)

    def register(self, number):
        return _run_register(self._handle, number)

    def read(self, address, size):
        buffer = ctypes.create_string_buffer(size)
        if _run_read(self._handle, address, buffer, size):
            raise Error(2, f"no storage at {address:#x}")
        return buffer.raw
