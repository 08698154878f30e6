package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.deliver.Backoff;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.NothingSentException;
import io.engagementwebhooks.deliver.Progress;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Step {@code choose-project}: leaves the access of the webhook's connection for the component. Thread-safe. */
public final class ChooseProject implements Processor {

    private final ContentsquareProjects projects;

    public ChooseProject(ContentsquareProjects projects) {
        this.projects = projects;
    }

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = Progress.delivery(exchange);
        Optional<Backoff.Pause> pause = projects.pause(delivery);
        if (pause.isPresent()) {
            throw new NothingSentException(pause.get().reason(), pause.get().until());
        }
        exchange.setProperty(ContentsquareConstants.ACCESS, projects.access(delivery));
        exchange.getIn()
                .setHeader(
                        ContentsquareConstants.INTEGRATION_VERSION,
                        ContentsquareProjects.connection(delivery).integrationVersion());
    }
}
