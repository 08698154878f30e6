package io.engagementwebhooks.ledger;

/**
 * Ends the process on an OutOfMemoryError, which may have ended threads or lost objects. A supervisor restarts the
 * process, and no acknowledged event is lost. {@code -XX:+ExitOnOutOfMemoryError} does the same earlier.
 */
public final class FatalErrors {

    /** The exit code, as of {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int EXIT_CODE = 3;

    private FatalErrors() {}

    /** Wraps a task of an executor that would swallow the error. */
    public static Runnable checked(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                check(e);
                throw e;
            }
        };
    }

    /** Ends the process if the failure, or one of its causes, is an OutOfMemoryError; else does nothing. */
    public static void check(Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 20; depth++) {
            if (cause instanceof OutOfMemoryError) {
                System.err.println("process.out-of-memory: " + cause.getMessage()
                        + "; the process ends, give it more memory (-Xmx)");
                Runtime.getRuntime().halt(EXIT_CODE);
            }
            cause = cause.getCause();
        }
    }
}
