package io.engagementwebhooks.deliver.contentsquare;

import io.engagementwebhooks.contentsquare.ContentsquareConstants;
import io.engagementwebhooks.credential.Backoff;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code choose-project}: sets the connection's access for the component, and the ownership check before the first
 * byte. Thread-safe.
 */
public record ChooseProject(ContentsquareProjects projects, FencingCheck fencingCheck) implements Processor {

    @Override
    public void process(Exchange exchange) {
        Delivery delivery = DeliveryContext.delivery(exchange);
        Optional<Backoff.Pause> pause = projects.pause(delivery);
        if (pause.isPresent()) {
            throw new NothingSentException(pause.get().reason(), pause.get().until());
        }
        DeliveryContext context = DeliveryContext.of(exchange);
        exchange.setProperty(ContentsquareConstants.BEFORE_SENDING, (Runnable) () -> {
            fencingCheck.check(exchange);
            context.sent();
        });
        exchange.setProperty(ContentsquareConstants.ACCESS, projects.access(delivery));
        exchange.getIn()
                .setHeader(
                        ContentsquareConstants.INTEGRATION_VERSION,
                        ContentsquareProjects.connection(delivery).integrationVersion());
    }
}
