package io.engagementwebhooks.webhook.config;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * How the set-up that runs relates to its file; for health, metrics and people.
 *
 * @param file the set-up file
 * @param state how they relate
 * @param since when that began
 * @param runsSince when the set-up that runs was read
 * @param faults of the file, if it is broken or gone
 * @param warnings about the set-up that runs
 */
public record ConfigStatus(
        Path file, State state, Instant since, Instant runsSince, List<Fault> faults, List<Fault> warnings) {

    /** How the set-up that runs relates to its file. */
    public enum State {
        /** What runs is what the file says. */
        CURRENT,
        /** The file has faults; what ran before goes on. */
        BROKEN,
        /** Another process's file holds for all, and this one's says something else. */
        OTHER,
        /** The file is gone; what ran before goes on. */
        GONE,
        /** There is no file and none was named; nothing is set up by file. */
        NONE
    }

    public ConfigStatus {
        Objects.requireNonNull(file);
        Objects.requireNonNull(state);
        Objects.requireNonNull(since);
        Objects.requireNonNull(runsSince);
        faults = List.copyOf(faults);
        warnings = List.copyOf(warnings);
    }

    /** Whether what runs is what was asked for. */
    public boolean isUpToDate() {
        return state == State.CURRENT || state == State.NONE;
    }

    /** One sentence for people. */
    public String summary() {
        return switch (state) {
            case CURRENT -> "runs on " + file + " as read at " + runsSince;
            case BROKEN ->
                file + " has " + (faults.size() == 1 ? "1 fault" : faults.size() + " faults") + " since " + since
                        + ": what was read at " + runsSince + " goes on";
            case OTHER ->
                file + " is not what runs: another instance's file holds, as read at " + runsSince
                        + "; give all instances the same";
            case GONE -> file + " is gone since " + since + ": what was read at " + runsSince + " goes on";
            case NONE -> "no set-up file: " + file + " does not exist";
        };
    }
}
