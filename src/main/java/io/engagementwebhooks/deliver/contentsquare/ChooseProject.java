package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.Progress;
import io.engagementwebhooks.deliver.StillOwned;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code choose-project}: leaves the access of the webhook's connection for the component, and who is asked before the
 * first byte. Thread-safe.
 */
public final class ChooseProject implements Processor {

    private final ContentsquareProjects projects;
    private final StillOwned stillOwned;

    public ChooseProject(ContentsquareProjects projects, StillOwned stillOwned) {
        this.projects = projects;
        this.stillOwned = stillOwned;
    }

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = Progress.delivery(exchange);
        Optional<Backoff.Pause> pause = projects.pause(delivery);
        if (pause.isPresent()) {
            throw new NothingSentException(pause.get().reason(), pause.get().until());
        }
        if (stillOwned.isAsked()) {
            exchange.setProperty(ContentsquareConstants.BEFORE_SENDING, (Runnable) () -> stillOwned.check(exchange));
        }
        exchange.setProperty(ContentsquareConstants.ACCESS, projects.access(delivery));
        exchange.getIn()
                .setHeader(
                        ContentsquareConstants.INTEGRATION_VERSION,
                        ContentsquareProjects.connection(delivery).integrationVersion());
    }
}
