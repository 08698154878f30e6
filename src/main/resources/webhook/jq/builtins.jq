# The built-in functions of jq that are written in jq, each below those that it uses. The others are in Functions.java.

def error: error(.);
def not: if . then false else true end;
def select(f): if f then . else empty end;
def map(f): [.[] | f];
def map_values(f): .[] |= f;
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
def tostring: if type == "string" then . else tojson end;
def add(f): [f] | add;
def todate: todateiso8601;
def fromdate: fromdateiso8601;

def abs: if type == "number" and . < 0 then -. else . end;
def infinite: 1e999;
def nan: infinite - infinite;
def isnan: type == "number" and . != .;
def isinfinite: type == "number" and abs == infinite;
def isfinite: type == "number" and (isinfinite | not);
def isnormal: isfinite and abs >= 2.2250738585072014e-308;
def finites: select(isfinite);
def normals: select(isnormal);

def repeat(f): def _repeat: ., (f | _repeat); _repeat;
def until(condition; next): def _until: if condition then . else (next | _until) end; _until;
def while(condition; next): def _while: if condition then ., (next | _while) else empty end; _while;
def recurse(f): def _recurse: ., (f | select(. != null) | _recurse); _recurse;
def recurse(f; condition): def _recurse: ., (f | select(condition) | _recurse); _recurse;
def recurse: recurse(.[]?);
def recurse_down: recurse;

def first(f): label $out | f | ., break $out;
def first: .[0];
def last(f): reduce f as $item (null; $item);
def last: .[-1];
def isempty(f): label $out | (f | false, break $out), true;
def limit($n; f):
  if $n > 0 then label $out | foreach f as $item (0; . + 1; $item, if . >= $n then break $out else empty end)
  elif $n == 0 then empty
  else f end;
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

def sort: sort_by(.);
def min_by(f): sort_by(f) | first;
def max_by(f): sort_by(f) | last;
def min: min_by(.);
def max: max_by(.);
def unique_by(f): [group_by(f)[] | first];
def unique: unique_by(.);
def reverse: [.[length - 1 - range(0; length)]];
def _flatten($depth): .[] | if type == "array" and $depth != 0 then _flatten($depth - 1) else . end;
def flatten: [_flatten(-1)];
def flatten($depth): if $depth < 0 then error("flatten depth must not be negative") else [_flatten($depth)] end;
def transpose: [range(0; map(length) | max // 0) as $i | [.[] | .[$i]]];
def combinations: if length == 0 then [] else .[0][] as $first | (.[1:] | combinations) as $rest | [$first] + $rest end;
def combinations($n): . as $all | [range($n) | $all] | combinations;

def keys: keys_unsorted | sort;
def to_entries: [keys_unsorted[] as $key | {key: $key, value: .[$key]}];
def from_entries:
  [.[] | {(if has("key") then .key elif has("Key") then .Key elif has("name") then .name else .Name end):
          (if has("value") then .value else .Value end)}]
  | add // {};
def with_entries(f): to_entries | map(f) | from_entries;
def walk(f):
  def _walk: if type == "object" then map_values(_walk) elif type == "array" then map(_walk) else . end | f; _walk;
def _holds($part):
  . as $all | $part | type as $type
  | if ($all | type) != $type then false
    elif $type == "object" then all(keys_unsorted[]; . as $key | $all | has($key) and (.[$key] | _holds($part[$key])))
    elif $type == "array" then all(.[]; . as $item | any($all[]; _holds($item)))
    elif $type == "string" then $all | _has_text($part)
    else $all == . end;
def contains($part):
  if type == ($part | type) then _holds($part) else error("only values of the same type can be contained") end;
def in(container): . as $key | container | has($key);
def inside(container): . as $part | container | contains($part);
def rindex($part): indices($part) | last;
def del(f): delpaths([path(f)]);
def pick(f): . as $all | reduce path(f) as $path (null; setpath($path; $all | getpath($path)));
def paths(condition): path(..) as $path | if $path != [] and (getpath($path) | condition) then $path else empty end;
def paths: paths(. != null);
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
def match($regex; $flags): _match($regex; $flags) | .[];
def match($regex): if $regex | type == "array" then match($regex[0]; $regex[1]) else match($regex; null) end;
def test($regex; $flags): _test($regex; $flags);
def test($regex): if $regex | type == "array" then test($regex[0]; $regex[1]) else test($regex; null) end;
def capture($regex; $flags): _pieces($regex; $flags)[] | objects;
def capture($regex): if $regex | type == "array" then capture($regex[0]; $regex[1]) else capture($regex; null) end;
def scan($regex; $flags): match($regex; $flags + "g") | if .captures == [] then .string else [.captures[] | .string] end;
def scan($regex): scan($regex; "");
def split($regex; $flags): [_pieces($regex; $flags + "g")[] | strings];
def splits($regex; $flags): split($regex; $flags) | .[];
def splits($regex): splits($regex; null);
def _joined: if length == 0 then "" else (.[1:] | _joined) as $rest | .[0][] | . + $rest end;
def sub($regex; replacement; $flags):
  [_pieces($regex; $flags)[]
   | [if type == "string" then . else replacement | if type == "string" then . else error("only a text can replace a match") end end]]
  | if all(length == 1) then map(first) | add else _joined end;
def sub($regex; replacement): sub($regex; replacement; "");
def gsub($regex; replacement; $flags): sub($regex; replacement; $flags + "g");
def gsub($regex; replacement): sub($regex; replacement; "g");

# The formats: _csv is @csv.
def _text: tostring;
def _json: tojson;
def _uri: tostring | _encode_uri;
def _base64: tostring | _encode_base64;
def _base64d: tostring | _decode_base64;
def _replace($part; $by): split($part) | join($by);
def _html:
  tostring | _replace("&"; "&amp;") | _replace("<"; "&lt;") | _replace(">"; "&gt;") | _replace("'"; "&apos;")
  | _replace("\""; "&quot;") | _replace("\u0000"; "\\0");
def _word(quote):
  if type == "string" then quote
  elif type == "array" or type == "object" then error("an array or object cannot be a part of a line of text")
  else tojson end;
def _row($separator; quote):
  if type == "array" then map(if . == null or isnan then "" else _word(quote) end) | join($separator)
  else error("only an array can be a row") end;
def _csv: _row(","; "\"" + (_replace("\""; "\"\"") | _replace("\u0000"; "\\0")) + "\"");
def _tsv:
  _row("\t"; _replace("\\"; "\\\\") | _replace("\t"; "\\t") | _replace("\n"; "\\n") | _replace("\r"; "\\r")
  | _replace("\u0000"; "\\0"));
def _sh:
  (if type == "array" then . else [.] end)
  | map(_word("'" + (_replace("'"; "'\\''") | _replace("\u0000"; "\\0")) + "'")) | join(" ");
