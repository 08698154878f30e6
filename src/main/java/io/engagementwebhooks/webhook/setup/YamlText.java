package io.engagementwebhooks.webhook.setup;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.parser.Parser;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/**
 * The file as YAML nodes that know their lines. What is no YAML, nests too deep, or multiplies itself by aliases is a
 * fault with a line; the parser's own message is not shown, for it quotes the file, and the file may hold secrets.
 */
final class YamlText {

    /** The largest file: room for more than 100 000 webhooks. */
    static final int LARGEST = 256 * 1024 * 1024;

    /** How often a list or mapping may be repeated by an alias. */
    static final int MOST_ALIASES = 100;

    /** The file's own shape nests nine deep. */
    static final int DEEPEST = 32;

    private static final String THING = "the file";

    private YamlText() {}

    /** The root node; empty: the file holds nothing. */
    static Optional<Node> compose(byte[] file) throws SetUpFaults {
        if (file.length > LARGEST) {
            throw fault(
                    0, "is larger than " + LARGEST / (1024 * 1024) + " MiB", "split off accounts to another instance");
        }
        String text = decoded(file);
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(Integer.MAX_VALUE)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .setAllowNonScalarKeys(true)
                .setAllowDuplicateKeys(true)
                .build();
        try {
            Parser parser = new Shallow(new ParserImpl(settings, new StreamReader(settings, text)));
            return new Composer(settings, parser).getSingleNode();
        } catch (TooDeep e) {
            throw fault(e.line, "nests deeper than " + DEEPEST, "see docs/webhooks.example.yaml for its shape");
        } catch (MarkedYamlEngineException e) {
            throw notYaml(e);
        } catch (ReaderException e) {
            String code = String.format("U+%04X", e.getCodePoint());
            throw fault(
                    lineAt(text, e.getPosition()),
                    "holds the character " + code,
                    "YAML has no place for it: remove it");
        } catch (YamlEngineException e) {
            throw fault(
                    0,
                    "repeats lists or mappings by aliases more than " + MOST_ALIASES + " times",
                    "write them out instead of '*alias'");
        }
    }

    private static String decoded(byte[] file) throws SetUpFaults {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(file))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw fault(0, "is not UTF-8", "save it as UTF-8");
        }
    }

    private static SetUpFaults notYaml(MarkedYamlEngineException e) {
        String problem = e.getProblem() == null ? "" : e.getProblem();
        if (problem.contains("TAB")) {
            return fault(line(e.getProblemMark()), "holds a tab where YAML allows none", "indent with spaces");
        }
        if (problem.contains("but found another document")) {
            return fault(line(e.getProblemMark()), "holds more than one YAML document", "keep one and remove '---'");
        }
        if (problem.contains("alias")
                || (e.getContext() != null && e.getContext().contains("alias"))) {
            return fault(
                    line(e.getProblemMark()),
                    "holds a '*', which YAML takes for an alias",
                    "write \"*\" in quotes, or define the alias with '&' above");
        }
        return fault(
                line(e.getProblemMark()),
                "is not YAML from here on: " + withoutNames(problem),
                "look at this line and those above it: indentation, quotes, brackets");
    }

    /** What follows such a word is from the file. */
    private static String withoutNames(String problem) {
        return problem.strip().replaceFirst("(anchor|handle|directive|tag)\\b.*", "$1");
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(Mark::getLine).orElse(-1) + 1;
    }

    private static int lineAt(String text, int codePoint) {
        return (int) text.codePoints().limit(codePoint).filter(c -> c == '\n').count() + 1;
    }

    private static SetUpFaults fault(int line, String rule, String wayOut) {
        return new SetUpFaults(List.of(new Fault(line, THING, rule, wayOut)));
    }

    /** Ends the composer's recursion before the stack does. */
    private static final class Shallow implements Parser {

        private final Parser parser;
        private int depth;

        Shallow(Parser parser) {
            this.parser = parser;
        }

        @Override
        public boolean checkEvent(Event.ID id) {
            return parser.checkEvent(id);
        }

        @Override
        public Event peekEvent() {
            return parser.peekEvent();
        }

        @Override
        public boolean hasNext() {
            return parser.hasNext();
        }

        @Override
        public Event next() {
            Event event = parser.next();
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> {
                    if (++depth > DEEPEST) {
                        throw new TooDeep(line(event.getStartMark()));
                    }
                }
                case MappingEnd, SequenceEnd -> depth--;
                default -> {}
            }
            return event;
        }
    }

    private static final class TooDeep extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final int line;

        TooDeep(int line) {
            super(null, null, false, false);
            this.line = line;
        }
    }
}
