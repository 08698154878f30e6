# The built-in functions of jq that are written in jq, each below those that it uses. The others are in Functions.java.

def error: error(.);
def not: if . then false else true end;
def select(f): if f then . else empty end;
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def range($from; $to; $by): [$from, $to, $by] | _range;
def range($from; $to): range($from; $to; 1);
def range($to): range(0; $to; 1);
def pow($base; $exponent): [$base, $exponent] | _pow;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def toarray: if type == "array" then . else [.] end;
def add(f): [f] | add;
def todateiso8601: todate;
def fromdateiso8601: fromdate;

def abs: if type == "number" and . < 0 then -. else . end;
def infinite: 1e999;
def nan: infinite - infinite;
def isnan: type == "number" and . != .;
def isinfinite: type == "number" and abs == infinite;
def isfinite: type == "number" and (isinfinite | not);
def isnormal: isfinite and abs >= 2.2250738585072014e-308;
def finites: select(isfinite);
def normals: select(isnormal);

def recurse(f): _recurse(f | select(. != null));
def recurse(f; condition): _recurse(f | select(condition));
def recurse: _recurse(.[]?);
def recurse_down: recurse;
def repeat(f): _recurse(f);
def until(condition; next): _recurse(if condition then empty else next end) | select(condition);
def while(condition; next): select(condition) | _recurse(next | select(condition));
def getpath($path): reduce $path[] as $key (.; .[$key]);
def walk(f): reduce ([path(recurse)] | .[length - 1 - range(0; length)]) as $path (.; getpath($path) |= f);

def first(f): limit(1; f);
def first: .[0];
def last(f): reduce f as $item (null; $item);
def last: .[-1];
def isempty(f): first((f | false), true);
def nth($n): .[$n];
def nth($n; f): if $n < 0 then error("nth doesn't support negative indices") else last(limit($n + 1; f)) end;
def any(f; condition): isempty(f | condition | select(.)) | not;
def any(condition): any(.[]; condition);
def any: any(.);
def all(f; condition): isempty(f | condition | select(not));
def all(condition): all(.[]; condition);
def all: all(.);
def IN(f): any(f == .; .);
def IN(source; f): any(source == f; .);

def sort_by(f): group_by(f) | add // [];
def sort: sort_by(.);
def min_by(f): group_by(f) | .[0][0];
def max_by(f): group_by(f) | .[-1][-1];
def min: min_by(.);
def max: max_by(.);
def unique_by(f): [group_by(f)[] | first];
def unique: unique_by(.);
def reverse: [.[length - 1 - range(0; length)]];
def flatten: [.[] | _recurse(arrays | .[]) | select(type != "array")];
def flatten($depth):
  if $depth < 0 then error("flatten depth must not be negative")
  else reduce range($depth) as $level (.; if any(type == "array") then [.[] | if type == "array" then .[] else . end] else . end) end;
def transpose: [range(0; map(length) | max // 0) as $i | [.[] | .[$i]]];
def combinations: reduce .[] as $list ([[]]; [.[] as $begun | $list[] | $begun + [.]]) | .[];
def combinations($n): . as $all | [range($n) | $all] | combinations;

def keys_unsorted: [path(.[]) | .[0]];
def keys: keys_unsorted | sort;
def to_entries: [keys_unsorted[] as $key | {key: $key, value: .[$key]}];
def from_entries:
  [.[] | {(if has("key") then .key elif has("Key") then .Key elif has("name") then .name else .Name end):
          (if has("value") then .value else .Value end)}]
  | add // {};
def with_entries(f): to_entries | map(f) | from_entries;
def contains($part):
  if type == ($part | type) then _contains($part) else error("only values of the same type can be contained") end;
def in(container): . as $key | container | has($key);
def inside(container): . as $part | container | contains($part);
def index($part): indices($part) | .[0];
def rindex($part): indices($part) | .[-1];
def del(f): delpaths([path(f)]);
def setpath($path; $value): getpath($path) = $value;
def pick(f): . as $all | reduce path(f) as $path (null; setpath($path; $all | getpath($path)));
def paths(condition): path(..) as $path | if $path != [] and (getpath($path) | condition) then $path else empty end;
def paths: path(..) | select(. != []);
def leaf_paths: paths(scalars);

def ltrimstr($prefix): if [., $prefix | type == "string"] == [true, true] and startswith($prefix) then .[($prefix | length):] else . end;
def rtrimstr($suffix): if [., $suffix | type == "string"] == [true, true] and endswith($suffix) then .[:length - ($suffix | length)] else . end;
def join($between):
  [.[] | $between // "",
    if . == null then ""
    elif type == "string" then .
    elif type == "number" or type == "boolean" then tojson
    else error("only texts and numbers can be joined") end]
  | .[1:] | add // "";
# A text in pieces: see Regex.java.
def _pieces($regex; $flags): _pieces(if $regex | type == "array" then [$regex[], null] else [$regex, $flags] end);
def test($regex; $flags): _pieces($regex; $flags) | length > 1;
def test($regex): test($regex; null);
def match($regex; $flags): _pieces($regex; $flags)[] | objects;
def match($regex): match($regex; null);
def _named: [.captures[] | select(.name) | {(.name): .string}] | add // {};
def capture($regex; $flags): match($regex; $flags) | _named;
def capture($regex): capture($regex; null);
def scan($regex; $flags): match($regex; $flags + "g") | if .captures == [] then .string else [.captures[] | .string] end;
def scan($regex): scan($regex; "");
def split($regex; $flags): [_pieces($regex; $flags + "g")[] | strings];
def splits($regex; $flags): split($regex; $flags) | .[];
def splits($regex): splits($regex; null);
def sub($regex; replacement; $flags):
  [_pieces($regex; $flags)[]
   | if type == "string" then [.] else [_named | replacement | if type == "string" then . else error("only a text can replace a match") end] end]
  | if all(length == 1) then [.[][]] else combinations end | add;
def sub($regex; replacement): sub($regex; replacement; "");
def gsub($regex; replacement; $flags): sub($regex; replacement; $flags + "g");
def gsub($regex; replacement): sub($regex; replacement; "g");

# The formats.
def @text: tostring;
def @json: tojson;
def @uri: tostring | _encode_uri;
def @base64: tostring | _encode_base64;
def @base64d: tostring | _decode_base64;
def _replace($part; $by): split($part) | join($by);
def @html:
  tostring | _replace("&"; "&amp;") | _replace("<"; "&lt;") | _replace(">"; "&gt;") | _replace("'"; "&apos;")
  | _replace("\""; "&quot;") | _replace("\u0000"; "\\0");
def _word(quote):
  if type == "string" then quote
  elif type == "array" or type == "object" then error("an array or object cannot be a part of a line of text")
  else tojson end;
def _row($separator; quote):
  if type == "array" then map(if . == null or isnan then "" else _word(quote) end) | join($separator)
  else error("only an array can be a row") end;
def @csv: _row(","; "\"" + (_replace("\""; "\"\"") | _replace("\u0000"; "\\0")) + "\"");
def @tsv:
  _row("\t"; _replace("\\"; "\\\\") | _replace("\t"; "\\t") | _replace("\n"; "\\n") | _replace("\r"; "\\r")
  | _replace("\u0000"; "\\0"));
def @sh:
  (if type == "array" then . else [.] end)
  | map(_word("'" + (_replace("'"; "'\\''") | _replace("\u0000"; "\\0")) + "'")) | join(" ");
