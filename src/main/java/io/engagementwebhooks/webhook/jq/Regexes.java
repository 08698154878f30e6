package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.BodyFault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jcodings.specific.UTF8Encoding;
import org.joni.Matcher;
import org.joni.NameEntry;
import org.joni.Option;
import org.joni.Regex;
import org.joni.Region;
import org.joni.Syntax;

/**
 * The compiled regular expressions of one jq program. A search ends at the time limit of the evaluation, even if it
 * backtracks. Thread-safe.
 */
final class Regexes {

    /** Longest expression, in characters. */
    static final int MAX_LENGTH = 1_000;

    /** The longest subject, in bytes: the memory for backtracking is proportional to it. */
    static final int MAX_SUBJECT = 64 << 10;

    private static final int MAX_CACHED = 64;

    /**
     * Positions in the subject that are tried between two checks of the time. joni checks the time itself, but once in
     * 32768 steps of one position only.
     */
    private static final int POSITIONS_PER_TIME_CHECK = 128;

    private static final int MAX_ATTEMPTS = 4;

    private static final Map<Character, Integer> FLAGS = Map.of(
            'g', Option.NONE,
            'i', Option.IGNORECASE,
            'm', Option.MULTILINE,
            'n', Option.FIND_NOT_EMPTY,
            'p', Option.MULTILINE | Option.SINGLELINE,
            's', Option.SINGLELINE,
            'x', Option.EXTEND);

    private final Map<Key, Compiled> compiled = new ConcurrentHashMap<>();

    private record Key(String expression, String flags) {}

    /** @param names of the groups; null if a group has none */
    private record Compiled(Regex regex, boolean isGlobal, String[] names) {}

    /** One match; positions are bytes. */
    private record Match(int begin, int end, Region groups) {
        int groupCount() {
            return groups == null ? 1 : groups.getNumRegs();
        }
    }

    /** A search in a text. @param regex the expression and its flags or null */
    Search search(JqBudget budget, JsonNode[] regex, JsonNode text) {
        String expression = Texts.text(regex[0], "a regular expression");
        String flags = regex[1].isNull() ? "" : Texts.text(regex[1], "the flags of a regular expression");
        byte[] subject = bytes(budget, Texts.text(text, "a regular expression"));
        return new Search(budget, compiled(budget, new Key(expression, flags)), subject);
    }

    private Compiled compiled(JqBudget budget, Key key) {
        Compiled known = compiled.get(key);
        if (known != null) {
            return known;
        }
        if (key.expression.length() > MAX_LENGTH) {
            throw new BodyFault("a regular expression is longer than " + MAX_LENGTH + " characters");
        }
        budget.work(1_000L + 64L * key.expression.length());
        Compiled made = compile(key);
        if (compiled.size() < MAX_CACHED) {
            compiled.put(key, made);
        }
        return made;
    }

    private static Compiled compile(Key key) {
        int options = Option.CAPTURE_GROUP;
        for (char flag : key.flags.toCharArray()) {
            if (!FLAGS.containsKey(flag)) {
                throw new JqError("a regular expression has no flag '" + flag + "' here");
            }
            options |= FLAGS.get(flag);
        }
        byte[] bytes = key.expression.getBytes(StandardCharsets.UTF_8);
        try {
            Regex regex = new Regex(bytes, 0, bytes.length, options, UTF8Encoding.INSTANCE, Syntax.PerlNG);
            return new Compiled(regex, key.flags.indexOf('g') >= 0, names(regex));
        } catch (RuntimeException e) {
            throw new JqError("'" + key.expression + "' is not a regular expression: " + e.getMessage());
        }
    }

    private static String[] names(Regex regex) {
        String[] names = new String[regex.numberOfCaptures() + 1];
        Iterator<NameEntry> entries = regex.numberOfNames() == 0 ? null : regex.namedBackrefIterator();
        while (entries != null && entries.hasNext()) {
            NameEntry entry = entries.next();
            for (int group : entry.getBackRefs()) {
                names[group] = text(entry.name, entry.nameP, entry.nameEnd);
            }
        }
        return names;
    }

    private static byte[] bytes(JqBudget budget, String text) {
        // the bytes, and an int position for each
        budget.reserve(6L * Math.min(text.length(), MAX_SUBJECT));
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_SUBJECT) {
            throw new BodyFault(
                    "a regular expression is applied to a text of more than " + (MAX_SUBJECT >> 10) + " KiB");
        }
        budget.work(bytes.length / 4);
        return bytes;
    }

    private static String text(byte[] subject, int begin, int end) {
        return new String(subject, begin, end - begin, StandardCharsets.UTF_8);
    }

    /** Not thread-safe. */
    static final class Search {
        private final JqBudget budget;
        private final Compiled compiled;
        private final byte[] subject;
        private final Matcher matcher;

        private Search(JqBudget budget, Compiled compiled, byte[] subject) {
            this.budget = budget;
            this.compiled = compiled;
            this.subject = subject;
            this.matcher = compiled.regex.matcher(subject);
        }

        /** Whether the expression matches anywhere. */
        boolean find() {
            return find(0);
        }

        /** An array of the match objects that jq's {@code match} emits one by one. */
        ArrayNode matches() {
            int[] positions = positions();
            ArrayNode found = JsonNodeFactory.instance.arrayNode();
            for (Match match : all()) {
                budget.reserve((512L + 2 * (match.end - match.begin)) * match.groupCount());
                ObjectNode object = found.addObject();
                put(object, positions, match.begin, match.end);
                ArrayNode captures = object.putArray("captures");
                for (int group = 1; group < match.groupCount(); group++) {
                    ObjectNode capture = captures.addObject();
                    put(capture, positions, match.groups.getBeg(group), match.groups.getEnd(group));
                    capture.put("name", compiled.names[group]);
                }
            }
            return found;
        }

        /**
         * The text in pieces: the text around the matches, and for each match an object of its named groups. Texts and
         * objects alternate, beginning and ending with a text.
         */
        ArrayNode pieces() {
            ArrayNode pieces = JsonNodeFactory.instance.arrayNode();
            int from = 0;
            for (Match match : all()) {
                budget.reserve((160L + 2 * (match.end - match.begin)) * match.groupCount() + 2 * (match.begin - from));
                pieces.add(text(subject, from, match.begin)).add(namedGroups(match));
                from = match.end;
            }
            return pieces.add(text(subject, from, subject.length));
        }

        private ObjectNode namedGroups(Match match) {
            ObjectNode groups = JsonNodeFactory.instance.objectNode();
            for (int group = 1; group < match.groupCount(); group++) {
                int begin = match.groups.getBeg(group);
                if (compiled.names[group] != null) {
                    groups.put(
                            compiled.names[group], begin < 0 ? null : text(subject, begin, match.groups.getEnd(group)));
                }
            }
            return groups;
        }

        private List<Match> all() {
            List<Match> all = new ArrayList<>();
            int from = 0;
            while (from <= subject.length && find(from)) {
                budget.reserve(128);
                Region groups = matcher.getRegion();
                all.add(new Match(matcher.getBegin(), matcher.getEnd(), groups == null ? null : groups.clone()));
                if (!compiled.isGlobal) {
                    break;
                }
                from = matcher.getEnd() > matcher.getBegin() ? matcher.getEnd() : next(matcher.getEnd() + 1);
            }
            return all;
        }

        private boolean find(int from) {
            budget.work(64);
            int start = from;
            do {
                int end = Math.min(subject.length, next(start + POSITIONS_PER_TIME_CHECK));
                if (find(from, start, end)) {
                    return true;
                }
                start = end;
            } while (start < subject.length);
            return false;
        }

        /** Whether a match begins at a position from start to end; the end itself counts if it is that of the text. */
        private boolean find(int from, int start, int end) {
            // joni measures elapsed time: on a busy machine it may stop a search that has hardly run
            for (int attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
                matcher.setTimeout(budget.nanosLeft());
                int found = matcher.search(from, start, end, Option.NONE);
                if (found != Matcher.INTERRUPTED) {
                    return found >= 0;
                }
            }
            throw budget.tooLong();
        }

        /** The first position from here on at which a character begins. */
        private int next(int position) {
            int next = position;
            while (next < subject.length && (subject[next] & 0xC0) == 0x80) {
                next++;
            }
            return next;
        }

        /** Positions are counted in characters (code points), as jq's slices are. */
        private void put(ObjectNode object, int[] positions, int begin, int end) {
            if (begin < 0) {
                object.put("offset", -1).put("length", 0).putNull("string");
            } else {
                object.put("offset", positions[begin])
                        .put("length", positions[end] - positions[begin])
                        .put("string", text(subject, begin, end));
            }
        }

        private int[] positions() {
            int[] positions = new int[subject.length + 1];
            int characters = 0;
            for (int i = 0; i < subject.length; i++) {
                if ((subject[i] & 0xC0) != 0x80) {
                    characters++;
                }
                positions[i] = characters - 1;
            }
            positions[subject.length] = characters;
            return positions;
        }
    }
}
