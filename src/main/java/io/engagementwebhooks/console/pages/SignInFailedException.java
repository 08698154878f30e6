package io.engagementwebhooks.console.pages;

/** Somebody could not be signed in by the provider; the message tells why, and may be logged. */
final class SignInFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    SignInFailedException(String why) {
        super(why);
    }
}
