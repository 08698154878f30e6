package io.engagementwebhooks.webhook.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bounds the program that RE2 makes of a regular expression before it makes it: repetitions are written out, and nested ones
 * multiply. For one use.
 */
final class ExpressionSize {

    private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,4})(,(\\d{0,4}))?}");
    private static final int DEEPEST = 100;

    /** A class of Unicode takes the memory of so many instructions; \p{L} has some 600 ranges. */
    private static final int UNICODE = 300;

    private final String text;
    private final long most;
    private final Deque<Long> outer = new ArrayDeque<>();
    private long total;

    /** Of what a repetition would repeat. */
    private long last;

    private int at;

    ExpressionSize(String text, long most) {
        this.text = text;
        this.most = most;
    }

    /** Instructions counted. */
    long size() {
        return total;
    }

    /** Whether it stays within the bound, as far as can be seen; what is no regular expression may or may not. */
    boolean isBounded() {
        while (at < text.length()) {
            if (!next()) {
                return false;
            }
            if (total > most || outer.size() > DEEPEST) {
                return false;
            }
        }
        return true;
    }

    private boolean next() {
        char c = text.charAt(at++);
        switch (c) {
            case '\\' -> {
                return escape();
            }
            case '[' -> {
                return characterClass();
            }
            case '(' -> {
                outer.push(total);
                total = 0;
                last = 0;
            }
            case ')' -> {
                long inner = total + 2;
                total = outer.isEmpty() ? 0 : outer.pop();
                atom(inner);
            }
            case '*', '+', '?' -> repeat(1);
            case '|' -> atom(1);
            case '{' -> repetition();
            default -> atom(1);
        }
        return true;
    }

    private void atom(long size) {
        total += size;
        last = size;
    }

    private void repeat(long times) {
        long repeated = (last + 1) * times;
        total += repeated - last;
        last = repeated;
    }

    private void repetition() {
        Matcher found = REPETITION.matcher(text).region(at - 1, text.length());
        if (!found.lookingAt()) {
            atom(1);
            return;
        }
        at = found.end();
        long least = Long.parseLong(found.group(1));
        String most = found.group(3);
        repeat(Math.max(1, most == null ? least : most.isEmpty() ? least + 1 : Long.parseLong(most)));
    }

    /** A quoted part could hide brackets. @return whether it is understood */
    private boolean escape() {
        char c = at < text.length() ? text.charAt(at++) : ' ';
        if ((c == 'p' || c == 'P' || c == 'x') && at < text.length() && text.charAt(at) == '{') {
            int end = text.indexOf('}', at);
            at = end < 0 ? text.length() : end + 1;
        }
        atom(c == 'p' || c == 'P' ? UNICODE : 1);
        return c != 'Q';
    }

    /** Its end must be where RE2 sees it, so a bracket in it must be quoted. @return whether it is understood */
    private boolean characterClass() {
        at += at < text.length() && text.charAt(at) == '^' ? 1 : 0;
        long size = 1;
        boolean isFirst = true;
        while (at < text.length() && (isFirst || text.charAt(at) != ']')) {
            char c = text.charAt(at++);
            if (c == '[') {
                return false;
            }
            if (c == '\\' && at < text.length()) {
                char quoted = text.charAt(at++);
                size += quoted == 'p' || quoted == 'P' ? UNICODE : 1;
                if (quoted == 'Q') {
                    return false;
                }
            }
            size++;
            isFirst = false;
        }
        at++;
        atom(size / 4 + 1);
        return true;
    }
}
