package io.engagementwebhooks.deliver.email;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.Outcome;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.mail.MailConstants;

/** Step {@code judge-email}: the mail server has taken the message; a refusal is an exception, which {@link EmailFailures} judges. Thread-safe. */
public final class EmailJudging implements Processor {

    @Override
    public void process(Exchange exchange) {
        String id = exchange.getMessage().getHeader(MailConstants.MAIL_MESSAGE_ID, "", String.class);
        exchange.getMessage().removeHeaders("*");
        DeliveryContext.end(exchange, new Outcome.Delivered("Message-ID " + id));
    }
}
