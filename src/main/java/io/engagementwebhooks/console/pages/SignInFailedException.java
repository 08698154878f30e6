package io.engagementwebhooks.console.pages;

/** A sign-in with the provider failed; the message says why and may be logged. */
final class SignInFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    SignInFailedException(String why) {
        super(why);
    }
}
