package io.engagementwebhooks.credential;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.text.translate.EntityArrays;

/**
 * The escapes of characters in JSON, in URLs and forms, and in HTML and XML. Only patterns without backtracking into a
 * character, so that a search takes a time that grows with the text alone. Stateless.
 */
final class Escapes {

    private static final String IN_JSON = "\"\\/\b\f\n\r\t";
    private static final String JSON_NAMES = "\"\\/bfnrt";
    private static final Map<CharSequence, CharSequence> ENTITIES = new HashMap<>();

    static {
        ENTITIES.putAll(EntityArrays.BASIC_ESCAPE);
        ENTITIES.putAll(EntityArrays.APOS_ESCAPE);
        ENTITIES.putAll(EntityArrays.ISO8859_1_ESCAPE);
        ENTITIES.putAll(EntityArrays.HTML40_EXTENDED_ESCAPE);
    }

    private Escapes() {}

    /**
     * Finds a text of which any characters are escaped, all in the way of one format.
     *
     * @return for a text with one character for each byte of UTF-8
     */
    static Pattern of(String text) {
        return Pattern.compile(Stream.<IntFunction<String>>of(Escapes::json, Escapes::address, Escapes::page)
                .map(format -> text.codePoints()
                        .mapToObj(character -> "(?>" + format.apply(character) + "|" + bytes("\\x", character) + ")")
                        .collect(Collectors.joining()))
                .collect(Collectors.joining("|")));
    }

    private static String json(int character) {
        String units = Character.toString(character)
                .chars()
                .mapToObj(unit -> String.format("\\\\u%04x", unit))
                .collect(Collectors.joining());
        int named = IN_JSON.indexOf(character);
        return "(?i:" + units + ")" + (named < 0 ? "" : "|\\\\" + bytes("\\x", JSON_NAMES.charAt(named)));
    }

    private static String address(int character) {
        return "(?i:" + bytes("%", character) + ")" + (character == ' ' ? "|\\+" : "");
    }

    private static String page(int character) {
        CharSequence entity = ENTITIES.get(Character.toString(character));
        return String.format("&#(?i:0{0,6}%d|x0{0,6}%x);", character, character) + (entity == null ? "" : "|" + entity);
    }

    private static String bytes(String prefix, int character) {
        byte[] bytes = Character.toString(character).getBytes(StandardCharsets.UTF_8);
        return HexFormat.of().withPrefix(prefix).formatHex(bytes);
    }
}
