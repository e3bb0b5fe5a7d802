"""How source code and its kin say that something is defined: patterns by family of languages, names by suffix (pure).

A pattern is tried on a line without its indentation; what its groups hold, with dots between, is the name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType

_Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """What opens a definition: `outer` what others stand in, as a class; `inner` what may stand alone or in such a one,
    as a function; `member` what only counts inside, as a method. `lasting` definitions end where the next begins, as
    the sections of a file of settings do."""

    outer: _Pattern | None = None
    inner: _Pattern | None = None
    member: _Pattern | None = None
    lasting: bool = False


# Words before a call or a block that look like the type or the name of a function.
_NO_NAME = (
    r"(?!(?:if|else|elif|for|foreach|while|do|switch|case|catch|return|throw|new|delete|using|lock|await|yield|typedef|goto"
    r"|sizeof|assert|super|this|function|until|when|with|try|finally|not|and|or|in|print|echo|option)\b)"
)
_WORDS = (
    r"(?:(?:public|private|protected|internal|static|final|abstract|sealed|open|partial|data|inner|export|default|declare"
    r"|async|override|virtual|readonly|extern|unsafe|pub(?:\([\w: ]+\))?|const|inline|suspend|operator|mutating|native"
    r"|synchronized|lazy|implicit|case|annotation|companion|fileprivate|required|convenience|local|virtual|infix|tailrec"
    r"|external|get|set|def|value|ref|new|@[\w.]+(?:\([^()]*\))?)\s+)*"
)
_OUTER = (
    r"(?!namespace [^{]*;)"
    + _WORDS
    + r"(?:class|interface|enum(?: class| struct)?|struct|union|trait|record|object|protocol|extension|namespace"
    r"|module|actor|mixin|@interface|package object|contract|library|service|message)\s+([\w$.:<>]*[\w>])"
)
_FUNCTION = _WORDS + r"(?:fun|func|function|fn|sub|def|proc|procedure|task|macro)\b[*\s]\s*(?:<[^<>]*>\s*)?"
_NAMED = _FUNCTION + r"(?:[\w.<>?]+\.)?([\w$!?=]+)"


def _any(*patterns: str, flags: int = 0) -> _Pattern:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), flags)


_PYTHON = Grammar(_any(r"(?:cdef\s+)?class\s+(\w+)"), _any(r"(?:async\s+)?(?:c?p?def)\s+(?:[\w.]+\s+)?(\w+)\s*[(\[]"))
_SCRIPT = Grammar(
    _any(_OUTER),
    _any(
        _WORDS + r"function\s*\*?\s*([\w$]+)",
        _WORDS + r"(?:const|let|var)\s+([\w$]+)[^=;]*=\s*(?:async\b\s*)?(?:function\b|\([^;]*=>|\([^)]*$|[\w$]+\s*=>)",
        _WORDS + r"type\s+(\w+)[^=;]*=",
        r"(?:module\.)?exports\.([\w$]+)\s*=\s*(?:async\s+)?(?:function|\()",
    ),
    _any(_NO_NAME + _WORDS + r"\*?\s*(#?[\w$]+)\s*(?:<[^<>]*>)?\([^;]*\{\s*$"),
)
_C = Grammar(
    _any(
        r"(?:typedef\s+|template\s*<[^;<>]*(?:<[^<>]*>[^;<>]*)*>\s*)*"
        r"(?:class|struct|union|enum(?: class)?|namespace)\s+"
        r"(?:[A-Z][A-Z0-9_]+(?:\([^()]*\))?\s+)?([\w:]+)[^;()]*$"
    ),
    _any(
        _NO_NAME + r"(?:[\w*&:<>,~\[\]]+\s+){0,8}?[*&]*([A-Za-z_~][\w:~]*)\s*\((?:[^;]*$|[^;{]*\{)",
        r"[-+]\s*\([\w\s*]+\)\s*(\w+)",
        r"@(?:interface|implementation|protocol)\s+(\w+)",
    ),
)
_METHOD = _NO_NAME + _WORDS + r"(?:[\w<>\[\],.?]+\s+){0,4}?([\w$]+)\s*(?:<[^<>]*>)?\([^;]*(?:\{.*|=>.*|\)|,|\()$"
_TYPED = Grammar(_any(_OUTER), _any(_NAMED), _any(_METHOD))
_LOOSE = Grammar(_any(_OUTER), _any(_METHOD))
_GO = Grammar(
    _any(r"type\s+(\w+)(?:\[[^\]]*\])?\s+(?:struct|interface)"),
    _any(r"func\s+\([^)]*?\*?(\w+)(?:\[[^\]]*\])?\)\s*(\w+)", r"func\s+(\w+)", r"type\s+(\w+)"),
)
_RUST = Grammar(
    _any(
        r"impl\b\s*(?:<[^{]*?>\s*)?(?:[^{]*?\bfor\s+)?([\w:]+)",
        r"(?:pub(?:\([\w: ]+\))?\s+)?(?:unsafe\s+)?(?:struct|enum|trait|union|mod)\s+(\w+)",
    ),
    _any(
        r"(?:pub(?:\([\w: ]+\))?\s+)?(?:(?:const|async|unsafe|extern|default)\s+(?:\"\w+\"\s+)?)*fn\s+(\w+)",
        r"macro_rules!\s*(\w+)",
    ),
)
_RUBY = Grammar(_any(r"(?:class|module|defmodule)\s+([\w:.]+)"), _any(r"def\w*\s+((?:self\.)?[\w?!=.]+)"))
_SHELL = Grammar(inner=_any(r"([\w:.-]+)\s*\(\)", r"function\s+([\w:.-]+)"))
_POWER = Grammar(_any(r"(?:class|enum)\s+(\w+)", flags=re.I), _any(r"(?:function|filter)\s+([\w:-]+)", flags=re.I))
_SQL = Grammar(
    inner=_any(
        r"create\s+(?:or\s+(?:replace|alter)\s+)?(?:(?:temp|temporary|unique|materialized|global|external|virtual|definer\S*)\s+)*"
        r"(?:table|view|function|procedure|trigger|index|type|schema|database|sequence|package(?:\s+body)?)\s+"
        r"(?:if\s+not\s+exists\s+)?([\w.\"`\[\]]+)",
        flags=re.I,
    )
)
_WORDED = Grammar(
    _any(_WORDS + r"(?:class|module|structure|interface|enum|type|program|unit|package)\s+([\w.]+)", flags=re.I),
    _any(
        _WORDS + r"(?:shared\s+|recursive\s+|pure\s+|elemental\s+)*"
        r"(?:sub|function|procedure|subroutine|property|constructor|destructor)\s+(?:[^=()]*=\s*)?([\w.]+)",
        flags=re.I,
    ),
)
_R = Grammar(inner=_any(r"([\w.]+)\s*(?:<-|=)\s*function\b"))
_LUA = Grammar(inner=_any(r"(?:local\s+)?function\s+([\w.:]+)", r"(?:local\s+)?([\w.:]+)\s*=\s*function\b"))
_PERL = Grammar(_any(r"package\s+([\w:]+)\s*\{"), _any(r"sub\s+(\w+)"))
_LISP = Grammar(inner=_any(r"\((?:def[\w-]*|ns)\s+\(?([^\s()]+)"))
_HASKELL = Grammar(
    _any(r"(?:class|instance|data|newtype|module)\s+([\w.]+)"), _any(r"([a-z][\w']*)\s*::", r"let\s+(?:rec\s+)?(\w+)")
)
_SECTIONS = Grammar(inner=_any(r"\[+\s*([^\[\]]+?)\s*\]+\s*(?:[#;].*)?$"), lasting=True)
_KEYS = Grammar(inner=_any(r"([\w\"'][\w.\"'/ -]*):(?:\s|$)"), lasting=True)
_TARGETS = Grammar(
    inner=_any(r"([\w./%$(){}-]+(?: [\w./%$(){}-]+)*)\s*::?(?!=)(?:\s|$)", r"define\s+(\S+)"), lasting=True
)
_BLOCKS = Grammar(
    inner=_any(r"((?:resource|data|module|variable|output|provider)\s+\"[^\"]+\"(?:\s+\"[^\"]+\")?)\s*\{")
)
_SCHEMA = Grammar(_any(r"(?:message|service|enum|type|interface|input|union|scalar)\s+(\w+)"), _any(r"rpc\s+(\w+)"))
_LABELS = Grammar(inner=_any(r":([\w-]+)\s*$"), lasting=True)
_PATCH = Grammar(inner=_any(r"diff --git a/.* b/(.+)$", r"\+\+\+ (?:b/)?(\S+)"), lasting=True)
_ENTRIES = Grammar(inner=_any(r"@\w+\{\s*([^\s,{}]+)"), lasting=True)
_PLAIN = Grammar()

_SUFFIXES = {
    "py pyi pyw pyx": _PYTHON,
    "js mjs cjs jsx ts mts cts tsx vue svelte": _SCRIPT,
    "c h cc cpp cxx hpp hh hxx ino cu m mm glsl": _C,
    "java cs kt kts scala swift php groovy gradle sol jl proto": _TYPED,
    "dart": _LOOSE,
    "go": _GO,
    "rs": _RUST,
    "rb rake ex exs cr": _RUBY,
    "sh bash zsh fish ksh": _SHELL,
    "ps1 psm1": _POWER,
    "sql ddl": _SQL,
    "vb bas vbs pas f90 f95 matlab ada": _WORDED,
    "r": _R,
    "lua": _LUA,
    "pl pm": _PERL,
    "clj cljs lisp el scm": _LISP,
    "hs ml fs fsx elm": _HASKELL,
    "ini cfg conf toml properties editorconfig": _SECTIONS,
    "yaml yml": _KEYS,
    "mk mak": _TARGETS,
    "tf hcl": _BLOCKS,
    "graphql gql thrift": _SCHEMA,
    "bat cmd": _LABELS,
    "diff patch": _PATCH,
    "bib": _ENTRIES,
    "css scss sass less log cmake asm s nix sty cls": _PLAIN,
}
GRAMMARS: Mapping[str, Grammar] = MappingProxyType(
    {f".{suffix}": grammar for suffixes, grammar in _SUFFIXES.items() for suffix in suffixes.split()}
)
# Files that have a name in place of a suffix, and the suffix they are read by.
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("makefile", "gnumakefile", "justfile"), ".mk"),
        **dict.fromkeys(("dockerfile", "containerfile", "procfile", "codeowners", "jenkinsfile"), ".cmake"),
        **dict.fromkeys(("gemfile", "rakefile", "vagrantfile"), ".rb"),
        **dict.fromkeys(
            "readme license licence copying copyright notice authors changelog changes news todo install".split(),
            ".txt",
        ),
    }
)


def suffix_of(name: str) -> str:
    """The suffix that a file is read by: its own, or what its whole name stands for, as that of a Makefile does."""
    return PurePath(name).suffix.lower() or _NAMES.get(name.lower(), "")
