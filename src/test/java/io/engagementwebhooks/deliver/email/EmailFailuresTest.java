package io.engagementwebhooks.deliver.email;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.SampleDelivery;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.auth.Secret;
import jakarta.mail.Address;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import org.apache.camel.component.mail.JavaMailSender;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The outcome of a delivery whose message a mail server refuses. */
class EmailFailuresTest {

    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP))
            .withConfiguration(GreenMailConfiguration.aConfig().withUser("a@b.example", "sender", "right"));
    private final Delivery delivery = new SampleDelivery(URI.create("https://crm.example/")).delivery();
    private final EmailFailures failures = new EmailFailures(new SettableClock(NOW));

    @BeforeEach
    void start() {
        mail.start();
    }

    @AfterEach
    void stop() {
        mail.stop();
    }

    private static MailServer server(int port, String password, MailServer.Encryption tls) {
        return new MailServer(
                "127.0.0.1",
                port,
                password == null ? "" : "sender",
                Optional.ofNullable(password).map(Secret::of),
                "a@b.example",
                tls,
                100);
    }

    private static void send(MailServer server) throws MessagingException {
        JavaMailSender sender = server.sender();
        MimeMessage message = new MimeMessage(sender.getSession());
        message.setFrom("a@b.example");
        message.setRecipients(Message.RecipientType.TO, "ops@b.example");
        message.setText("text");
        sender.send(message);
    }

    private Outcome outcome(MessagingException failure) {
        return failures.judge(failure, delivery).orElseThrow();
    }

    private Outcome outcome(MailServer server) {
        return outcome(assertThrows(MessagingException.class, () -> send(server)));
    }

    @Test
    void a_server_that_is_away_or_refuses_us_costs_no_attempt() throws Exception {
        int port = mail.getSmtp().getPort();
        for (MailServer faulty : new MailServer[] {
            server(FreePort.any(), null, MailServer.Encryption.NONE),
            server(port, "wrong", MailServer.Encryption.NONE),
            server(port, "right", MailServer.Encryption.STARTTLS),
            server(port, "right", MailServer.Encryption.TLS)
        }) {
            Outcome.NotSent waits = assertInstanceOf(Outcome.NotSent.class, outcome(faulty));
            assertEquals(NOW.plusSeconds(60), waits.until());
        }
        assertEquals(0, mail.getReceivedMessages().length);
        send(server(port, "right", MailServer.Encryption.NONE));
        assertEquals(1, mail.getReceivedMessages().length);
    }

    private static MessagingException refusal(int status, Address[] sent, Address[] unsent) throws Exception {
        InternetAddress gone = new InternetAddress("gone@b.example");
        MessagingException cause = new SMTPAddressFailedException(gone, "RCPT", status, status + " no\r\nsuch user");
        return new SMTPSendFailedException(
                "DATA", status, "Invalid Addresses", cause, sent, unsent, new Address[] {gone});
    }

    @Test
    void refused_addresses_end_the_delivery_or_are_tried_again_by_the_status() throws Exception {
        Address[] none = {};
        Address[] other = {new InternetAddress("ops@b.example")};
        assertEquals(
                "The mail server refused gone@b.example: 550 no such user",
                assertInstanceOf(Outcome.GaveUp.class, outcome(refusal(550, none, none)))
                        .reason());
        assertInstanceOf(Outcome.TryLater.class, outcome(refusal(450, none, other)));
        Outcome partly = outcome(refusal(550, other, none));
        assertTrue(assertInstanceOf(Outcome.Delivered.class, partly).reason().contains("gone@b.example"));
        assertEquals(Optional.empty(), failures.judge(new IllegalStateException(), delivery));
    }
}
