package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import org.jcodings.specific.UTF8Encoding;
import org.joni.Matcher;
import org.joni.NameEntry;
import org.joni.Option;
import org.joni.Region;
import org.joni.Syntax;

/**
 * A call of a function that applies a regular expression to the input: the text in pieces. A search ends at the time
 * limit of the evaluation, even if it backtracks. The last expression stays compiled until memory is collected.
 * Thread-safe.
 */
final class Regex implements Filter {

    /** Longest expression, in characters. */
    private static final int MAX_LENGTH = 1_000;

    /** The longest subject, in bytes: the memory for backtracking is proportional to it. */
    private static final int MAX_SUBJECT = 64 << 10;

    /**
     * Positions in the subject that are tried between two checks of the time. joni checks the time itself, but once in
     * 32768 steps of one position only.
     */
    private static final int POSITIONS_PER_TIME_CHECK = 128;

    private static final int MAX_ATTEMPTS = 4;

    private static final int MAX_FLAGS = 8;

    private static final Map<Character, Integer> FLAGS = Map.of(
            'g', Option.NONE,
            'i', Option.IGNORECASE,
            'm', Option.MULTILINE,
            'n', Option.FIND_NOT_EMPTY,
            'p', Option.MULTILINE | Option.SINGLELINE,
            's', Option.SINGLELINE,
            'x', Option.EXTEND);

    private final Filter expression;
    private volatile WeakReference<Compiled> last = new WeakReference<>(null);

    /** @param expression emits the expression and its flags or null, as an array */
    Regex(Filter expression) {
        this.expression = expression;
    }

    /** @param names of the groups; null if a group has none */
    private record Compiled(String text, String flags, org.joni.Regex regex, boolean isGlobal, String[] names) {}

    /**
     * Emits an array of the texts around the matches, and for each match the object that jq's {@code match} emits.
     * Texts and objects alternate, beginning and ending with a text.
     */
    @Override
    public void run(Env env, JsonNode in, Path at, Output out) {
        expression.values(env, in, source -> {
            String text = Functions.text(source.get(0), "a regular expression");
            String flags =
                    source.get(1).isNull() ? "" : Functions.text(source.get(1), "the flags of a regular expression");
            Compiled known = last.get();
            if (known == null || !known.text.equals(text) || !known.flags.equals(flags)) {
                known = compile(env.budget(), text, flags);
                last = new WeakReference<>(known);
            }
            out.emit(new Search(env.budget(), known, Functions.text(in, "a regular expression")).pieces(), null);
        });
    }

    private static Compiled compile(JqBudget budget, String text, String flags) {
        if (text.length() > MAX_LENGTH) {
            throw new BodyFault("a regular expression is longer than " + MAX_LENGTH + " characters");
        }
        if (flags.length() > MAX_FLAGS) {
            throw new BodyFault("a regular expression has more than " + MAX_FLAGS + " flags");
        }
        budget.work(1_000L + 64L * text.length());
        int options = Option.CAPTURE_GROUP;
        for (char flag : flags.toCharArray()) {
            if (!FLAGS.containsKey(flag)) {
                throw new JqError("a regular expression has no flag '" + flag + "' here");
            }
            options |= FLAGS.get(flag);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try {
            var regex = new org.joni.Regex(bytes, 0, bytes.length, options, UTF8Encoding.INSTANCE, Syntax.PerlNG);
            return new Compiled(text, flags, regex, flags.indexOf('g') >= 0, names(regex));
        } catch (RuntimeException e) {
            throw new JqError("'" + text + "' is not a regular expression: " + e.getMessage());
        }
    }

    private static String[] names(org.joni.Regex regex) {
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

    private static String text(byte[] bytes, int begin, int end) {
        return new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
    }

    /** The search in one text. Positions are bytes. Not thread-safe. */
    private static final class Search {
        private final JqBudget budget;
        private final Compiled compiled;
        private final byte[] subject;
        private final int[] characters;
        private final Matcher matcher;

        private Search(JqBudget budget, Compiled compiled, String text) {
            // the bytes, an int for each, and the texts between the matches
            budget.reserve(8L * Math.min(text.length(), MAX_SUBJECT));
            this.budget = budget;
            this.compiled = compiled;
            this.subject = text.getBytes(StandardCharsets.UTF_8);
            if (subject.length > MAX_SUBJECT) {
                throw new BodyFault(
                        "a regular expression is applied to a text of more than " + (MAX_SUBJECT >> 10) + " KiB");
            }
            budget.work(subject.length / 4);
            this.matcher = compiled.regex.matcher(subject);
            this.characters = new int[subject.length + 1];
            for (int i = 0; i < subject.length; i++) {
                characters[i + 1] = characters[i] + (isWithinCharacter(i) ? 0 : 1);
            }
        }

        ArrayNode pieces() {
            ArrayNode pieces = JsonNodeFactory.instance.arrayNode();
            int end = 0;
            int from = 0;
            while (from <= subject.length && find(from)) {
                int begin = matcher.getBegin();
                pieces.add(text(subject, end, begin)).add(match());
                end = matcher.getEnd();
                if (!compiled.isGlobal) {
                    break;
                }
                from = end > begin ? end : next(end + 1);
            }
            return pieces.add(text(subject, end, subject.length));
        }

        private ObjectNode match() {
            Region region = matcher.getRegion();
            int groups = region == null ? 1 : region.getNumRegs();
            budget.reserve((512L + 2 * (matcher.getEnd() - matcher.getBegin())) * groups);
            ObjectNode match = capture(matcher.getBegin(), matcher.getEnd());
            ArrayNode captures = match.putArray("captures");
            for (int group = 1; group < groups; group++) {
                captures.add(capture(region.getBeg(group), region.getEnd(group)).put("name", compiled.names[group]));
            }
            return match;
        }

        /** Offset and length are counted in characters (code points), as jq's slices are. */
        private ObjectNode capture(int begin, int end) {
            boolean isFound = begin >= 0;
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("offset", isFound ? characters[begin] : -1)
                    .put("length", isFound ? characters[end] - characters[begin] : 0)
                    .put("string", isFound ? text(subject, begin, end) : null);
        }

        private boolean find(int from) {
            budget.work(64);
            int start = from;
            do {
                int end = next(Math.min(subject.length, start + POSITIONS_PER_TIME_CHECK));
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
            while (next < subject.length && isWithinCharacter(next)) {
                next++;
            }
            return next;
        }

        private boolean isWithinCharacter(int position) {
            return (subject[position] & 0xC0) == 0x80;
        }
    }
}
