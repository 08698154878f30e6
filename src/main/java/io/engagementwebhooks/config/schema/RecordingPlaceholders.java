package io.engagementwebhooks.config.schema;

import io.engagementwebhooks.webhook.auth.Secret;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Placeholders that record names and values. Not thread-safe. */
public final class RecordingPlaceholders implements Placeholders {

    private final Placeholders placeholders;
    private final Map<String, Optional<Secret>> answers = new HashMap<>();

    public RecordingPlaceholders(Placeholders placeholders) {
        this.placeholders = placeholders;
    }

    @Override
    public Optional<String> value(String name) {
        return answers.computeIfAbsent(name, asked -> placeholders.value(asked).map(Secret::of))
                .map(Secret::reveal);
    }

    public Map<String, Secret> answers() {
        Map<String, Secret> answered = new HashMap<>();
        answers.forEach((name, answer) -> answer.ifPresent(value -> answered.put(name, value)));
        return answered;
    }

    /** The files, whose values can change at runtime. */
    public TreeSet<String> files() {
        TreeSet<String> files = new TreeSet<>(answers.keySet());
        files.removeIf(name -> !name.startsWith("file:") && !name.startsWith(Placeholders.BYTES_OF_FILE));
        return files;
    }
}
