package io.engagementwebhooks.config.schema;

import io.engagementwebhooks.config.schema.YamlNode.Entries;
import io.engagementwebhooks.config.schema.YamlNode.Entry;
import io.engagementwebhooks.config.schema.YamlNode.Scalar;
import io.engagementwebhooks.config.schema.YamlNode.Sequence;
import io.engagementwebhooks.webhook.template.Utf8Text;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * Parses the file into YAML nodes with lines. Invalid YAML, too deep nesting and alias bombs are faults with a line.
 * The parser's message is hidden, since it quotes the file, which may hold secrets. Single use.
 */
public final class YamlText {

    private static final long HEAP = Runtime.getRuntime().maxMemory();

    /** The largest file, in bytes; parsing takes up to four times as much. */
    public static final int LARGEST = (int) Math.min(256 << 20, HEAP / 8);

    /** The most values, lists and mappings, of about 64 bytes each. A webhook has about 20. */
    private static final int MOST_NODES = (int) Math.min(Integer.MAX_VALUE, HEAP / 256);

    private static final String MORE_MEMORY =
            "give this process more memory (-Xmx), or split off accounts to another instance";

    /** How often a list or mapping may be repeated by an alias. */
    static final int MOST_ALIASES = 100;

    /** Deepest nesting; a valid file nests nine deep, and a schema of event data 32 within five levels. */
    static final int DEEPEST = 40;

    private static final String THING = "the file";
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    /** As JSON writes them. */
    private static final Pattern NUMBER_OR_FLAG =
            Pattern.compile("true|false|-?(0|[1-9]\\d{0,99})(\\.\\d{1,99})?([eE][+-]?\\d{1,3})?");

    private static final String ALIAS_WAY_OUT = "write \"*\" in quotes, or define the alias with '&' above";

    /** Limits of length and number of values that are shared in memory. */
    private static final int LONGEST_SHARED = 40;

    private static final int MOST_SHARED = 50_000;

    private final int mostNodes;
    private final Parser parser;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private final Map<String, String> shared = new HashMap<>();
    private long nodes;
    private int aliases;
    private int lastLine;

    /** @param nodes with those that its aliases repeat, since a reader walks through them too */
    private record Anchored(YamlNode node, long nodes) {}

    private YamlText(String text, int mostNodes) {
        this.mostNodes = mostNodes;
        LoadSettings settings =
                LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        parser = new ParserImpl(settings, new StreamReader(settings, text));
    }

    /** The root node; empty if the file is empty. */
    public static Optional<YamlNode> compose(byte[] file) throws ConfigFaults {
        return compose(file, MOST_NODES);
    }

    /** As {@link #compose(byte[])}. @param mostNodes the most values, lists and mappings */
    static Optional<YamlNode> compose(byte[] file, int mostNodes) throws ConfigFaults {
        if (file.length > LARGEST) {
            throw tooLarge();
        }
        String text = decoded(file);
        YamlText yaml = null;
        try {
            yaml = new YamlText(text, mostNodes);
            return yaml.root();
        } catch (MarkedYamlEngineException e) {
            throw notYaml(e);
        } catch (ReaderException e) {
            String code = String.format("U+%04X", e.getCodePoint());
            throw fault(
                    lineAt(text, e.getPosition()),
                    "holds the character " + code,
                    "YAML has no place for it: remove it");
        } catch (YamlEngineException e) {
            // the scanner gives no line
            throw fault(
                    yaml == null ? 0 : yaml.lastLine,
                    "is not YAML here or below",
                    "look at the lines below: quotes, brackets, indentation");
        }
    }

    /** The bytes of a file, unless it is too large. */
    public static byte[] read(Path file) throws IOException, ConfigFaults {
        if (Files.size(file) > LARGEST) {
            throw tooLarge();
        }
        return Files.readAllBytes(file);
    }

    private static ConfigFaults tooLarge() {
        return fault(
                0, "is larger than " + LARGEST / (1024 * 1024) + " MiB, an eighth of the memory here", MORE_MEMORY);
    }

    private static String decoded(byte[] file) throws ConfigFaults {
        String text = Utf8Text.decoded(file).orElseThrow(() -> fault(0, "is not UTF-8", "save it as UTF-8"));
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private Optional<YamlNode> root() throws ConfigFaults {
        parser.next();
        if (parser.checkEvent(Event.ID.StreamEnd)) {
            return Optional.empty();
        }
        parser.next();
        YamlNode root = node(0);
        parser.next();
        if (!parser.checkEvent(Event.ID.StreamEnd)) {
            int line = line(parser.peekEvent().getStartMark());
            throw fault(line, "holds more than one YAML document", "keep one and remove '---'");
        }
        boolean nothing = root instanceof Scalar scalar && scalar.form() == Scalar.Form.NOTHING;
        return nothing ? Optional.empty() : Optional.of(root);
    }

    private YamlNode node(int depth) throws ConfigFaults {
        Event event = parser.next();
        int line = line(event.getStartMark());
        lastLine = line;
        long before = nodes;
        count(1, line);
        if (depth > DEEPEST) {
            throw fault(line, "nests deeper than " + DEEPEST, "see docs/webhooks.example.yaml for its shape");
        }
        if (event instanceof AliasEvent alias) {
            return aliased(alias, line);
        }
        YamlNode node = event instanceof ScalarEvent scalar
                ? scalar(scalar, line)
                : event.getEventId() == Event.ID.SequenceStart ? sequence(line, depth) : entries(line, depth);
        ((NodeEvent) event).getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(node, nodes - before)));
        return node;
    }

    private void count(long more, int line) throws ConfigFaults {
        nodes += more;
        if (nodes > mostNodes) {
            throw fault(line, "holds more than " + mostNodes + " values, lists and mappings", MORE_MEMORY);
        }
    }

    private YamlNode aliased(AliasEvent alias, int line) throws ConfigFaults {
        Anchored anchored = anchors.get(alias.getAlias());
        if (anchored == null) {
            throw fault(line, "holds a '*', which YAML takes for an alias", ALIAS_WAY_OUT);
        }
        count(anchored.nodes(), line);
        YamlNode node = anchored.node();
        if (!(node instanceof Scalar) && ++aliases > MOST_ALIASES) {
            throw fault(
                    line,
                    "repeats lists or mappings by aliases more than " + MOST_ALIASES + " times",
                    "write them out instead of '*alias'");
        }
        return node;
    }

    private Scalar scalar(ScalarEvent event, int line) {
        boolean tagged = event.getTag().filter(tag -> !tag.equals("!")).isPresent();
        if (tagged && !event.getTag().get().startsWith("tag:yaml.org,2002:")) {
            return new Scalar(line, "", Scalar.Form.TAGGED);
        }
        return new Scalar(line, share(event.getValue()), tagged ? Scalar.Form.VALUE : form(event));
    }

    private static Scalar.Form form(ScalarEvent event) {
        if (!event.isPlain()) {
            return Scalar.Form.VALUE;
        }
        String value = event.getValue();
        return NOTHING.contains(value)
                ? Scalar.Form.NOTHING
                : NUMBER_OR_FLAG.matcher(value).matches() ? Scalar.Form.PLAIN : Scalar.Form.VALUE;
    }

    private String share(String value) {
        if (value.length() > LONGEST_SHARED || shared.size() >= MOST_SHARED) {
            return shared.getOrDefault(value, value);
        }
        String known = shared.putIfAbsent(value, value);
        return known == null ? value : known;
    }

    private Sequence sequence(int line, int depth) throws ConfigFaults {
        ArrayList<YamlNode> items = new ArrayList<>(2);
        while (!parser.checkEvent(Event.ID.SequenceEnd)) {
            items.add(node(depth + 1));
        }
        parser.next();
        items.trimToSize();
        return new Sequence(line, items);
    }

    private Entries entries(int line, int depth) throws ConfigFaults {
        ArrayList<Entry> entries = new ArrayList<>(4);
        while (!parser.checkEvent(Event.ID.MappingEnd)) {
            YamlNode key = node(depth + 1);
            entries.add(new Entry(key, node(depth + 1)));
        }
        parser.next();
        entries.trimToSize();
        return new Entries(line, entries, null);
    }

    private static ConfigFaults notYaml(MarkedYamlEngineException e) {
        int line = line(e.getProblemMark());
        String problem = e.getProblem() == null ? "" : e.getProblem();
        if (problem.contains("TAB")) {
            return fault(line, "holds a tab where YAML allows none", "indent with spaces");
        }
        if (e.getContext() != null && e.getContext().contains("alias")) {
            return fault(line, "holds a '*', which YAML takes for an alias", ALIAS_WAY_OUT);
        }
        return fault(
                line,
                "is not YAML from here on: " + withoutNames(problem),
                "look at this line and those above it: indentation, quotes, brackets");
    }

    /** Removes quotes from the file, which follow such a word. */
    private static String withoutNames(String problem) {
        return problem.strip().replaceFirst("(anchor|handle|directive|tag)\\b.*", "$1");
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(-1) + 1;
    }

    private static int lineAt(String text, int codePoint) {
        return (int) text.codePoints().limit(codePoint).filter(c -> c == '\n').count() + 1;
    }

    private static ConfigFaults fault(int line, String rule, String wayOut) {
        return new ConfigFaults(List.of(new Fault(line, THING, rule, wayOut)));
    }
}
