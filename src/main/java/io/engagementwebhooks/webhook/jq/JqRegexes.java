package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.webhook.BodyFault;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.misc.OnigUtils;
import org.joni.Matcher;
import org.joni.Option;
import org.joni.Region;

/**
 * The compiled regular expressions of one jq program. A search ends at the time limit of the evaluation, even if it
 * backtracks. Thread-safe.
 */
final class JqRegexes {

    /** Longest expression, in characters. */
    static final int MAX_LENGTH = 1_000;

    /** The longest subject, in bytes: the memory for backtracking is proportional to it. */
    static final int MAX_SUBJECT = 64 << 10;

    private static final int MAX_CACHED = 64;

    private static final int MAX_ATTEMPTS = 4;

    private static final VarHandle CHECK_EVERY = checkEvery();

    private final Map<Key, OnigUtils.Pattern> compiled = new ConcurrentHashMap<>();

    private record Key(String expression, String flags) {}

    /** One match; positions are bytes. */
    private record Match(int begin, int end, Region groups) {}

    JsonNode test(JqBudget budget, String expression, String flags, String text) throws JsonQueryException {
        OnigUtils.Pattern pattern = pattern(budget, expression, flags);
        byte[] subject = subject(budget, text);
        return BooleanNode.valueOf(search(budget, matcher(pattern, subject), 0, subject.length));
    }

    /** An array of the match objects that jq's {@code match} emits one by one. */
    JsonNode matches(JqBudget budget, String expression, String flags, String text) throws JsonQueryException {
        OnigUtils.Pattern pattern = pattern(budget, expression, flags);
        byte[] subject = subject(budget, text);
        int[] positions = positions(subject);
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        for (Match match : all(budget, pattern, subject)) {
            int groups = match.groups == null ? 1 : match.groups.getNumRegs();
            budget.reserve((512L + 2 * (match.end - match.begin)) * groups);
            found.add(object(pattern, subject, positions, match));
        }
        return found;
    }

    /**
     * The text in pieces: what stays, and for each match an object of its named groups; texts and objects take turns,
     * beginning and ending with a text.
     */
    List<JsonNode> pieces(JqBudget budget, String expression, String flags, String text) throws JsonQueryException {
        OnigUtils.Pattern pattern = pattern(budget, expression, flags);
        byte[] subject = subject(budget, text);
        List<JsonNode> pieces = new ArrayList<>();
        int from = 0;
        for (Match match : all(budget, pattern, subject)) {
            int groups = match.groups == null ? 1 : match.groups.getNumRegs();
            budget.reserve((160L + 2 * (match.end - match.begin)) * groups + 2 * (match.begin - from));
            pieces.add(JsonNodeFactory.instance.textNode(text(subject, from, match.begin)));
            pieces.add(namedGroups(pattern, subject, match));
            from = match.end;
        }
        pieces.add(JsonNodeFactory.instance.textNode(text(subject, from, subject.length)));
        return pieces;
    }

    private List<Match> all(JqBudget budget, OnigUtils.Pattern pattern, byte[] subject) {
        List<Match> all = new ArrayList<>();
        Matcher matcher = matcher(pattern, subject);
        int from = 0;
        while (from <= subject.length && search(budget, matcher, from, subject.length)) {
            budget.reserve(128);
            Region groups = matcher.getRegion();
            all.add(new Match(matcher.getBegin(), matcher.getEnd(), groups == null ? null : groups.clone()));
            if (!pattern.global) {
                break;
            }
            from = matcher.getEnd() > matcher.getBegin() ? matcher.getEnd() : next(subject, matcher.getEnd());
        }
        return all;
    }

    private static boolean search(JqBudget budget, Matcher matcher, int from, int to) {
        budget.work(64);
        // joni measures elapsed time: on a busy machine it may stop a search that has hardly run
        for (int attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
            matcher.setTimeout(budget.nanosLeft());
            int found = matcher.search(from, to, Option.NONE);
            if (found != Matcher.INTERRUPTED) {
                return found >= 0;
            }
        }
        throw budget.tooLong();
    }

    /**
     * Makes joni check the time at every step. By default it checks once in 32768 steps of one start position, and
     * never if each position takes fewer.
     */
    private static Matcher matcher(OnigUtils.Pattern pattern, byte[] subject) {
        Matcher matcher = pattern.regex.matcher(subject);
        CHECK_EVERY.set(matcher, 0);
        return matcher;
    }

    private static VarHandle checkEvery() {
        try {
            Class<?> machine = Class.forName("org.joni.ByteCodeMachine");
            return MethodHandles.privateLookupIn(machine, MethodHandles.lookup())
                    .findVarHandle(machine, "interruptCheckEvery", int.class);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("joni's matcher has changed: it cannot be bounded in time", e);
        }
    }

    private OnigUtils.Pattern pattern(JqBudget budget, String expression, String flags) throws JsonQueryException {
        Key key = new Key(expression, flags);
        OnigUtils.Pattern known = compiled.get(key);
        if (known != null) {
            return known;
        }
        if (expression.length() > MAX_LENGTH) {
            throw new BodyFault("a regular expression is longer than " + MAX_LENGTH + " characters");
        }
        budget.work(1_000L + 64L * expression.length());
        OnigUtils.Pattern pattern = compile(expression, flags);
        if (compiled.size() < MAX_CACHED) {
            compiled.put(key, pattern);
        }
        return pattern;
    }

    private static OnigUtils.Pattern compile(String expression, String flags) throws JsonQueryException {
        try {
            return new OnigUtils.Pattern(expression, flags);
        } catch (RuntimeException e) {
            throw new JsonQueryException("'" + expression + "' is not a regular expression: " + e.getMessage());
        }
    }

    private static byte[] subject(JqBudget budget, String text) {
        // the bytes, and an int position for each
        budget.reserve(6L * Math.min(text.length(), MAX_SUBJECT));
        byte[] subject = text.getBytes(StandardCharsets.UTF_8);
        if (subject.length > MAX_SUBJECT) {
            throw new BodyFault(
                    "a regular expression is applied to a text of more than " + (MAX_SUBJECT >> 10) + " KiB");
        }
        budget.work(subject.length / 4);
        return subject;
    }

    private static ObjectNode object(OnigUtils.Pattern pattern, byte[] subject, int[] positions, Match match) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        put(object, subject, positions, match.begin, match.end);
        ArrayNode captures = object.putArray("captures");
        for (int group = 1; match.groups != null && group < match.groups.getNumRegs(); group++) {
            ObjectNode capture = captures.addObject();
            put(capture, subject, positions, match.groups.getBeg(group), match.groups.getEnd(group));
            capture.put("name", pattern.names[group]);
        }
        return object;
    }

    /** Positions are counted in characters (code points), as jq's slices are. */
    private static void put(ObjectNode object, byte[] subject, int[] positions, int begin, int end) {
        if (begin < 0) {
            object.put("offset", -1).put("length", 0).putNull("string");
        } else {
            object.put("offset", positions[begin])
                    .put("length", positions[end] - positions[begin])
                    .put("string", text(subject, begin, end));
        }
    }

    private static ObjectNode namedGroups(OnigUtils.Pattern pattern, byte[] subject, Match match) {
        ObjectNode groups = JsonNodeFactory.instance.objectNode();
        for (int group = 1; match.groups != null && group < match.groups.getNumRegs(); group++) {
            if (pattern.names[group] != null) {
                int begin = match.groups.getBeg(group);
                groups.put(pattern.names[group], begin < 0 ? null : text(subject, begin, match.groups.getEnd(group)));
            }
        }
        return groups;
    }

    private static String text(byte[] subject, int begin, int end) {
        return new String(subject, begin, end - begin, StandardCharsets.UTF_8);
    }

    private static int next(byte[] subject, int at) {
        int next = at + 1;
        while (next < subject.length && (subject[next] & 0xC0) == 0x80) {
            next++;
        }
        return next;
    }

    private static int[] positions(byte[] subject) {
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
