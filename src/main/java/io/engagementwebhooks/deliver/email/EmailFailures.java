package io.engagementwebhooks.deliver.email;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.FailureJudge;
import io.engagementwebhooks.deliver.judge.Outcome;
import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.AddressException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps failures of the mail server to outcomes. A server that cannot be reached, or refuses us, is no fault of the delivery:
 * it waits without an attempt. Thread-safe.
 */
public record EmailFailures(Clock clock) implements FailureJudge {

    private static final Logger LOG = LoggerFactory.getLogger(EmailFailures.class);
    private static final String NO_SERVER =
            "The mail server of this installation takes no messages now; the operator finds the reason in the log";

    /** Angus Mail's message where a response could not be read, that to a message included. */
    private static final String NO_RESPONSE = "Exception reading response";

    private static final Duration RETRY = Duration.ofMinutes(1);
    private static final int LAST_TRANSIENT = 499;

    @Override
    public Optional<Outcome> judge(Throwable failure, Delivery delivery) {
        if (failure instanceof SendFailedException refused && !(refused instanceof SMTPSenderFailedException)) {
            return Optional.of(refused(refused));
        }
        if (failure instanceof AddressException) {
            return Optional.of(Outcome.GaveUp.because("An e-mail address is not valid: " + failure.getMessage()));
        }
        if (failure instanceof MessagingException && NO_RESPONSE.equals(failure.getMessage())) {
            // the server may have the message
            return Optional.of(Outcome.TryLater.bySchedule("The mail server did not answer in time"));
        }
        if (failure instanceof MessagingException) {
            LOG.warn("mail.not-sent delivery={}: {}", delivery.id(), failure.getMessage());
            return Optional.of(new Outcome.NotSent(NO_SERVER, clock.instant().plus(RETRY)));
        }
        return Optional.empty();
    }

    /** Some addresses have it, or none. */
    private static Outcome refused(SendFailedException refused) {
        String reason = "The mail server refused "
                + Stream.of(addresses(refused.getInvalidAddresses()), addresses(refused.getValidUnsentAddresses()))
                        .filter(addresses -> !addresses.isEmpty())
                        .collect(Collectors.joining(", "))
                + ": " + words(refused);
        if (refused.getValidSentAddresses() != null && refused.getValidSentAddresses().length > 0) {
            return new Outcome.Delivered(reason);
        }
        return status(refused) > LAST_TRANSIENT ? Outcome.GaveUp.because(reason) : Outcome.TryLater.bySchedule(reason);
    }

    private static String addresses(Address[] addresses) {
        return addresses == null
                ? ""
                : Stream.of(addresses).map(Address::toString).collect(Collectors.joining(", "));
    }

    /** The status of the innermost refusal, which is that of an address. */
    private static int status(SendFailedException refused) {
        int status = 0;
        for (Exception cause = refused; cause instanceof MessagingException next; cause = next.getNextException()) {
            if (cause instanceof SMTPAddressFailedException address) {
                status = address.getReturnCode();
            } else if (cause instanceof SMTPSendFailedException sending) {
                status = sending.getReturnCode();
            }
        }
        return status;
    }

    private static String words(SendFailedException refused) {
        String words = refused.getMessage();
        for (Exception cause = refused; cause instanceof MessagingException next; cause = next.getNextException()) {
            words = cause.getMessage();
        }
        return words == null ? "no reason" : words.strip().replaceAll("\\s+", " ");
    }
}
