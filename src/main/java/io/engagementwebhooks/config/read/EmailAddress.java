package io.engagementwebhooks.config.read;

import java.util.regex.Pattern;

/** The addresses that e-mail is sent from and to: of ASCII, without names, quotes, comments and routes, so that no header can be made of one. */
public final class EmailAddress {

    private static final Pattern VALID = Pattern.compile(
            "(?=.{3,254}$)(?=[^@]{1,64}@)[A-Za-z0-9_+][A-Za-z0-9_+'=~&-]*(?:\\.[A-Za-z0-9_+'=~&-]+)*"
                    + "@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?");

    private EmailAddress() {}

    /** Whether it can be sent to. */
    public static boolean isValid(String text) {
        return VALID.matcher(text).matches();
    }
}
