package io.engagementwebhooks.webhook;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** What is likely to be secret by its name: its value is shown to nobody and kept nowhere in clear. */
public final class SensitiveNames {

    /** What stands for a secret. */
    public static final String MASK = "***";

    private static final Pattern NAMES = Pattern.compile(
            "(?i).*(auth|key|token|secret|passw|passphrase|pwd|cookie|credential|session|assertion|bearer|jwt).*"
                    + "|sig|code|(.*[-_])?(pass|pin|otp)");

    private static final int MOST_KNOWN = 10_000;
    private static final Map<String, Boolean> KNOWN = new ConcurrentHashMap<>();

    private SensitiveNames() {}

    /** Whether a header, field or parameter is named as if it held a secret. */
    public static boolean isName(String name) {
        Boolean known = KNOWN.get(name);
        if (known == null) {
            known = NAMES.matcher(name).matches();
            if (KNOWN.size() < MOST_KNOWN) {
                KNOWN.put(name, known);
            }
        }
        return known;
    }

    /** A name in a form as it was before it was encoded. */
    public static String decoded(String name) {
        try {
            return URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name;
        }
    }
}
