package io.engagementwebhooks.console.pages;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Drafts of the builder while a user without scripts creates a client or connection: one per session, without secrets.
 * They end with the session. Thread-safe.
 */
final class Drafts {

    private static final Set<String> SECRETS =
            Set.of("password", "header-value", "key-value", "headers", "signing-keys", Pages.TOKEN);
    /** Larger forms are not stored. */
    private static final int MOST_CHARACTERS = 64 * 1024;

    /** By the object that all requests of a session share: a {@link Session} is created per request. */
    private final Map<Object, Draft> drafts = Collections.synchronizedMap(new WeakHashMap<>());

    /** @param path of its page */
    private record Draft(String path, Form form) {}

    void keep(Session session, String path, Form form) {
        Map<String, List<String>> fields = new LinkedHashMap<>(form.fields());
        fields.keySet().removeAll(SECRETS);
        fields.remove("do");
        int size = fields.values().stream()
                .flatMap(List::stream)
                .mapToInt(String::length)
                .sum();
        if (size <= MOST_CHARACTERS) {
            drafts.put(session.notice(), new Draft(path, new Form(fields)));
        }
    }

    Optional<Form> of(Session session, String path) {
        return Optional.ofNullable(drafts.get(session.notice()))
                .filter(draft -> draft.path().equals(path))
                .map(Draft::form);
    }

    void forget(Session session) {
        drafts.remove(session.notice());
    }
}
