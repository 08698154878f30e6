package io.engagementwebhooks.operate.settings;

import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/** Line numbers of the keys in a properties file. */
final class PropertyFileLines {

    private PropertyFileLines() {}

    /** The lines of the keys, from 1; the last one of a duplicate key, which applies. */
    static Map<String, Integer> of(String text) {
        Map<String, Integer> lines = new HashMap<>();
        String[] all = text.split("\r\n|\r|\n", -1);
        for (int first = 0, next; first < all.length; first = next) {
            next = first + 1;
            StringBuilder whole = new StringBuilder(all[first]);
            while (next < all.length && isContinued(all[next - 1]) && !isComment(all[first])) {
                whole.append('\n').append(all[next++]);
            }
            for (String key : keys(whole.toString())) {
                lines.put(key, first + 1);
            }
        }
        return lines;
    }

    private static boolean isComment(String line) {
        return line.stripLeading().startsWith("#") || line.stripLeading().startsWith("!");
    }

    /** Whether it ends in an odd number of backslashes. */
    private static boolean isContinued(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\\') {
            end--;
        }
        return (line.length() - end) % 2 == 1;
    }

    private static Iterable<String> keys(String line) {
        Properties one = new Properties();
        try {
            one.load(new StringReader(line));
        } catch (IOException e) {
            throw new IllegalStateException("reading a text from memory", e);
        }
        return one.stringPropertyNames();
    }
}
