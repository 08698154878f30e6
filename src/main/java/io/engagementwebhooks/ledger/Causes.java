package io.engagementwebhooks.ledger;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/** Searches the causes of a failure. */
public final class Causes {

    private static final int MAX_DEPTH = 20;

    private Causes() {}

    /** A failure and its causes, the outermost first. */
    public static Stream<Throwable> of(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(MAX_DEPTH);
    }

    /** The outermost of a failure and its causes that has a type. */
    public static <T> Optional<T> first(Throwable failure, Class<T> type) {
        return of(failure).filter(type::isInstance).map(type::cast).findFirst();
    }

    /** The failure of a future's stage, without the {@link CompletionException} around it. */
    public static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Whether the message of a failure or of one of its causes contains a text. */
    static boolean anyMessageContains(Throwable failure, String text) {
        return of(failure).map(Throwable::getMessage).anyMatch(message -> message != null && message.contains(text));
    }
}
