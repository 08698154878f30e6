package io.engagementwebhooks.webhook;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The request headers that a webhook, or a step of a route, may set. */
public final class HeaderNames {

    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");

    /** Headers that HTTP, the connection or the product sets. */
    private static final Set<String> FORBIDDEN = Set.of(
            "host",
            "content-length",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "proxy-authenticate",
            "te",
            "trailer",
            "upgrade",
            "expect",
            "accept-encoding");

    private HeaderNames() {}

    /**
     * Why a header is refused, and the remedy; empty if it is allowed.
     *
     * @param seen the other names, in lower case; this one is added
     */
    public static Optional<String[]> refusalOf(String name, Set<String> seen) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!NAME.matcher(name).matches()) {
            return refusal("is no header name", "letters, digits and '-'");
        }
        if (!seen.add(lower)) {
            return refusal("stands twice in other letters", "names of headers do not tell upper from lower case");
        }
        if (lower.equals("authorization")) {
            return refusal("holds credentials", "give them under 'authentication' with type: header");
        }
        if (lower.startsWith("webhook-") || lower.startsWith("camel") || FORBIDDEN.contains(lower)) {
            return refusal("is set by HTTP or by us", "remove it, or take another name");
        }
        return Optional.empty();
    }

    public static boolean describesContent(String name) {
        return name.toLowerCase(Locale.ROOT).startsWith("content-");
    }

    private static Optional<String[]> refusal(String rule, String wayOut) {
        return Optional.of(new String[] {rule, wayOut});
    }
}
