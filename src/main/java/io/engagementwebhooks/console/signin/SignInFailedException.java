package io.engagementwebhooks.console.signin;

/** A sign-in with the provider failed; the message says why and may be logged. */
public final class SignInFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    SignInFailedException(String why) {
        super(why);
    }
}
