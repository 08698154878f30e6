package io.engagementwebhooks.console;

import java.util.regex.Pattern;

/** Addresses of the console's own pages, such as those that a form or a link leads back to. */
final class OwnPage {

    /** Printable ASCII without spaces and backslashes, which browsers take for slashes. */
    private static final Pattern PRINTABLE = Pattern.compile("[!-\\[\\]-~]*");

    /** What browsers take for another path than it is written as. */
    private static final Pattern UNCLEAN = Pattern.compile("//|(?:\\.|%2[eE])(?:\\.|%2[eE])");

    private OwnPage() {}

    /** Whether an address, which may be of a request, is a page of this console wherever it is opened from. */
    static boolean is(String address) {
        String path = address.split("[?#]", 2)[0];
        return path.startsWith(PageRoutes.HOME + "/")
                && PRINTABLE.matcher(address).matches()
                && !UNCLEAN.matcher(path).find();
    }

    /** The address, or where the console begins if it is none of its pages. */
    static String orHome(String address) {
        return is(address) ? address : PageRoutes.HOME;
    }
}
