package io.engagementwebhooks.webhook.jq;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The names in scope at a part of a program. Immutable.
 *
 * @param outer the names before; null: none
 * @param name such as {@code f/1} of a function, {@code $x} of a variable
 */
record JqNames(JqNames outer, String name, Meaning meaning) {

    /** Functions of jq that read something other than the event. */
    private static final Set<String> OUTSIDE =
            Set.of("$ENV env input inputs debug stderr input_line_number input_filename get_search_list".split(" "));

    /** A function within its own body. */
    static final Meaning RECURSION = (parser, arguments) -> {
        throw new IllegalArgumentException("a jq function cannot call itself here: use recurse, while, until or walk");
    };

    /** The functions that a program may call: those whose name does not begin with {@code _}. */
    static final JqNames BUILT_IN = builtIn();

    /** Makes the filter of a name. */
    interface Meaning {
        Filter call(Parser parser, List<Filter> arguments);
    }

    /**
     * A function written in jq. A call becomes its body.
     *
     * @param parameters such as {@code f/0} of a filter, {@code $x} of a value
     * @param body where the body begins
     */
    record Function(String signature, List<String> parameters, Lexer body, JqNames scope) implements Meaning {
        @Override
        public Filter call(Parser parser, List<Filter> arguments) {
            return parser.body(this, body.copy(), arguments);
        }
    }

    private static JqNames builtIn() {
        JqNames all = null;
        for (Map.Entry<String, java.util.function.Function<List<Filter>, Filter>> function :
                Functions.all().entrySet()) {
            all = new JqNames(all, function.getKey(), (parser, arguments) -> function.getValue()
                    .apply(arguments));
        }
        try (InputStream in = JqNames.class.getResourceAsStream("builtins.jq")) {
            all = new Parser(new Lexer(new String(in.readAllBytes(), StandardCharsets.UTF_8), 0), all).definitions();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JqNames visible = null;
        for (JqNames each = all; each != null; each = each.outer) {
            visible = each.name.startsWith("_") ? visible : new JqNames(visible, each.name, each.meaning);
        }
        return visible;
    }

    JqNames with(String added, Meaning its) {
        return new JqNames(this, added, its);
    }

    JqNames with(String added, Filter its) {
        return with(added, (parser, arguments) -> its);
    }

    /** @param shown the name in words for the customer */
    Meaning find(String wanted, String shown) {
        JqNames in = this;
        while (in != null && !in.name.equals(wanted)) {
            in = in.outer;
        }
        if (in == null) {
            boolean isOutside = OUTSIDE.contains(wanted.replaceFirst("/.*", ""));
            throw new IllegalArgumentException("there is no jq " + shown + " here"
                    + (isOutside ? ": a program sees the event and nothing else" : ""));
        }
        return in.meaning;
    }
}
