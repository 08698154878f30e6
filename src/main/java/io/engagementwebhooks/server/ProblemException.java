package io.engagementwebhooks.server;

/** Ends a request with a {@link Problem}. Without a stack trace, since it is a response and not an internal error. */
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Problem problem;

    public ProblemException(Problem problem) {
        super(problem.detail(), null, false, false);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
