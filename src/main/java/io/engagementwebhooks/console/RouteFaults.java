package io.engagementwebhooks.console;

import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * Whether the routes that run are those of the files, and if not, why. The faults name files of the machine: they are for
 * the operator, and for an account's key only where it is the one that runs the product. Thread-safe.
 */
public final class RouteFaults {

    private final Supplier<State> state;
    private final BooleanSupplier accountRunsIt;

    /**
     * How the routes stand to their files.
     *
     * @param since when it became so
     * @param faults each with its file and line; empty: what the files say runs
     */
    public record State(Instant since, List<String> faults) {
        public State {
            faults = List.copyOf(faults);
        }
    }

    /** @param accountRunsIt whether there is one account, and no operator beside it */
    public RouteFaults(Supplier<State> state, BooleanSupplier accountRunsIt) {
        this.state = state;
        this.accountRunsIt = accountRunsIt;
    }

    /** {@code GET /v1/routes}. */
    public Processor show() {
        return new ForOperator(
                ApiStep.ok(request -> view(request, accountRunsIt.getAsBoolean())),
                ApiStep.ok(request -> view(request, true)));
    }

    private RoutesView view(ApiRequest request, boolean tellsFaults) {
        request.parameters();
        State now = state.get();
        return new RoutesView(
                now.faults().isEmpty(), DeliveryView.text(now.since()), tellsFaults ? now.faults() : null);
    }
}
