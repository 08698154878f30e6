package io.engagementwebhooks.config.read;

import io.engagementwebhooks.config.schema.Mapping;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.template.Utf8Text;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * The value of the Authorization header, from user and password (RFC 7617, in UTF-8) or ready made. Common mistakes are
 * recognized; the correction is shown without the secret.
 */
final class AuthorizationValue {

    private static final String PREFIX = "authorization:";

    private AuthorizationValue() {}

    static Authentication read(Mapping authentication) {
        return new Authentication.Header(
                Secret.of(authentication.has("value") ? ready(authentication) : basic(authentication)));
    }

    private static String basic(Mapping authentication) {
        String user = authentication.text("user");
        String password = authentication.text("password");
        refuseControls(authentication, "user", user);
        refuseControls(authentication, "password", password);
        if (user.indexOf(':') >= 0) {
            authentication.fault(
                    "user",
                    "colon",
                    "'user' holds a ':', which Basic authentication cannot carry in a user",
                    "ask the receiver for a user without one; what follows the ':' may be the password");
        }
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    static void refuseControls(Mapping authentication, String key, String text) {
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw authentication.refused(
                    key,
                    "control-character",
                    "'" + key + "' holds a control character",
                    "look for a line break or tab, often at its end");
        }
    }

    private static String ready(Mapping authentication) {
        String value = authentication.text("value");
        refuseControls(authentication, "value", value);
        String text = value.strip();
        String[] mistake = mistake(text);
        if (mistake != null) {
            authentication.fault("value", "authorization-value", "'value' " + mistake[0], mistake[1]);
        }
        return text;
    }

    /** The mistake and its correction, or null. */
    private static String[] mistake(String text) {
        if (text.chars().anyMatch(c -> c > 126)) {
            return new String[] {
                "holds a character outside ASCII", "give user and password instead: they are encoded as UTF-8"
            };
        }
        if (text.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
            String rest = text.substring(PREFIX.length()).strip();
            return new String[] {"starts with the header's name", "write it as: " + masked(rest)};
        }
        if (isBasicPair(text)) {
            return new String[] {
                "is the bare Base64 of user:password, without its scheme", "write it as: Basic <the same Base64>"
            };
        }
        if (text.regionMatches(true, 0, "Basic ", 0, 6)
                && !isBasicPair(text.substring(6).strip())) {
            return new String[] {
                "holds no Base64 of user:password after 'Basic'", "give user and password: they are encoded for you"
            };
        }
        return null;
    }

    private static String masked(String value) {
        if (isBasicPair(value)) {
            return "Basic <the same Base64>";
        }
        int space = value.indexOf(' ');
        String scheme = space > 0 ? value.substring(0, space) : "";
        return scheme.matches("(?i)basic|bearer|token|apikey|digest")
                ? scheme + " <the same value>"
                : "<only what follows 'Authorization:'>";
    }

    private static boolean isBasicPair(String text) {
        if (text.length() < 4) {
            return false;
        }
        try {
            return Utf8Text.decoded(Base64.getDecoder().decode(text))
                    .filter(pair -> pair.indexOf(':') >= 0 && pair.chars().noneMatch(Character::isISOControl))
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
