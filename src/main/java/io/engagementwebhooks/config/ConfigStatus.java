package io.engagementwebhooks.config;

import io.engagementwebhooks.config.schema.Fault;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * How the active configuration relates to its file; for health, metrics and people.
 *
 * @param file the configuration file
 * @param state the relation
 * @param since the start of this state
 * @param runsSince when the active file was applied
 * @param faults of the file, if it is broken or gone
 * @param warnings about the active configuration
 */
public record ConfigStatus(
        Path file, State state, Instant since, Instant runsSince, List<Fault> faults, List<Fault> warnings) {

    /** How the active configuration relates to its file. */
    public enum State {
        /** The file is active. */
        CURRENT,
        /** The file has faults; the previous configuration stays active. */
        BROKEN,
        /** The file is active, but for definitions whose name the API has. */
        PARTLY,
        /** A newer file is active, which another instance applied. */
        OTHER,
        /** The file is missing; the previous configuration stays active. */
        GONE,
        /** There is no file, and none was configured. */
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

    /** Whether the configured file is active. */
    public boolean isUpToDate() {
        return state == State.CURRENT || state == State.NONE;
    }

    /** One sentence for people. */
    public String summary() {
        return switch (state) {
            case CURRENT -> "runs on " + file + " as read at " + runsSince;
            case BROKEN ->
                file + " has " + (faults.size() == 1 ? "1 fault" : faults.size() + " faults") + " since " + since
                        + ": the configuration of " + runsSince + " stays active";
            case OTHER ->
                file + " is not active: a newer file was applied at " + runsSince
                        + "; give all instances the same file, or apply this one by --apply";
            case PARTLY -> file + " is active but for " + faults.size() + " definitions whose names the API has";
            case GONE -> file + " is gone since " + since + ": the configuration of " + runsSince + " stays active";
            case NONE -> "no configuration file: " + file + " does not exist";
        };
    }
}
