package io.engagementwebhooks.ledger;

import java.util.stream.Stream;

/** Searches the causes of a failure. */
final class Causes {

    private static final int MAX_DEPTH = 20;

    private Causes() {}

    /** A failure and its causes, the outermost first. */
    static Stream<Throwable> of(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(MAX_DEPTH);
    }

    /** Whether the message of a failure or of one of its causes contains a text. */
    static boolean anyMessageContains(Throwable failure, String text) {
        return of(failure).map(Throwable::getMessage).anyMatch(message -> message != null && message.contains(text));
    }
}
