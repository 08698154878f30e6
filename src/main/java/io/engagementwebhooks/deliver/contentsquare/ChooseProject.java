package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.ledger.ExchangeEnd;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code choose-project}: sets the connection's access for the component, and the ownership check before the first
 * byte. Thread-safe.
 */
public final class ChooseProject implements Processor {

    /** Retry delay if the account has too many calls in flight. */
    private static final Duration CALLS_RETRY = Duration.ofSeconds(1);

    private final ContentsquareProjects projects;
    private final FencingCheck fencingCheck;
    private final Clock clock;

    public ChooseProject(ContentsquareProjects projects, FencingCheck fencingCheck, Clock clock) {
        this.projects = projects;
        this.fencingCheck = fencingCheck;
        this.clock = clock;
    }

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Optional<Backoff.Pause> pause = projects.pause(delivery);
        if (pause.isPresent()) {
            throw new NothingSentException(pause.get().reason(), pause.get().until());
        }
        Runnable end = projects.call(delivery.webhook().account())
                .orElseThrow(() -> new NothingSentException(
                        "Other deliveries of this account wait for Contentsquare",
                        clock.instant().plus(CALLS_RETRY)));
        ExchangeEnd.run(exchange, ended -> end.run());
        if (fencingCheck.isShared()) {
            exchange.setProperty(ContentsquareConstants.BEFORE_SENDING, (Runnable) () -> fencingCheck.check(exchange));
        }
        exchange.setProperty(ContentsquareConstants.ACCESS, projects.access(delivery));
        exchange.getIn()
                .setHeader(
                        ContentsquareConstants.INTEGRATION_VERSION,
                        ContentsquareProjects.connection(delivery).integrationVersion());
    }
}
