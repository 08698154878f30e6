package io.engagementwebhooks.api;

import io.engagementwebhooks.api.delivery.DeliveryView;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * Whether the running routes are those of the files, and the errors if not. The errors name files of the machine: only
 * the operator gets them, or the key of the only account. Thread-safe.
 *
 * @param accountRunsIt whether there is one account and no operator's key
 */
public record RouteFaults(Supplier<State> state, BooleanSupplier accountRunsIt) {

    /**
     * The running routes compared with their files.
     *
     * @param since when this state began
     * @param faults each with file and line; empty: the files' routes are running
     */
    public record State(Instant since, List<String> faults) {
        public State {
            faults = List.copyOf(faults);
        }
    }

    /** {@code GET /v1/routes}. */
    public Processor show() {
        return new ForOperator(
                ApiStep.ok(request -> view(request, accountRunsIt.getAsBoolean())),
                ApiStep.ok(request -> view(request, true)));
    }

    private RoutesView view(ApiRequest request, boolean tellsFaults) {
        State now = state.get();
        return new RoutesView(
                now.faults().isEmpty(), DeliveryView.text(now.since()), tellsFaults ? now.faults() : null);
    }
}
