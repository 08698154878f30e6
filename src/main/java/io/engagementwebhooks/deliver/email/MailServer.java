package io.engagementwebhooks.deliver.email;

import io.engagementwebhooks.webhook.auth.Secret;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.apache.camel.component.mail.DefaultJavaMailSender;
import org.apache.camel.component.mail.JavaMailSender;
import org.apache.camel.component.mail.MailAuthenticator;

/**
 * The operator's mail server, through which e-mail is sent. No account chooses it.
 *
 * @param host empty: no e-mail is sent
 * @param user empty: without authentication
 * @param password of the user
 * @param from the address of the sender
 * @param maxPerHour the most e-mails of an account in an hour
 */
public record MailServer(
        String host, int port, String user, Optional<Secret> password, String from, Encryption tls, int maxPerHour) {

    /** How long a connection, a response and a write may take, in milliseconds. Less than an attempt may take. */
    private static final String TIMEOUT = "10000";

    /** How the connection is encrypted. */
    public enum Encryption {
        /** Not at all. */
        NONE,
        /** After STARTTLS, which the server must offer. */
        STARTTLS,
        /** From the first byte. */
        TLS
    }

    public MailServer {
        Objects.requireNonNull(host);
        Objects.requireNonNull(user);
        Objects.requireNonNull(password);
        Objects.requireNonNull(from);
        Objects.requireNonNull(tls);
    }

    /** Whether e-mail can be sent. */
    public boolean isOn() {
        return !host.isEmpty();
    }

    /** Sends through this server; for the option {@code javaMailSender} of an endpoint. Thread-safe. */
    public JavaMailSender sender() {
        DefaultJavaMailSender sender = new DefaultJavaMailSender();
        sender.setProtocol("smtp");
        sender.setHost(host);
        sender.setPort(port);
        sender.setAuthenticator(new Login());
        sender.setSession(Session.getInstance(properties()));
        return sender;
    }

    private Properties properties() {
        Properties properties = new Properties();
        set(properties, "auth", !user.isEmpty());
        set(properties, "starttls.enable", tls == Encryption.STARTTLS);
        set(properties, "starttls.required", tls == Encryption.STARTTLS);
        set(properties, "ssl.enable", tls == Encryption.TLS);
        set(properties, "ssl.checkserveridentity", true);
        // one address that is refused keeps the message from no other
        set(properties, "sendpartial", true);
        for (String timeout : new String[] {"connectiontimeout", "timeout", "writetimeout"}) {
            properties.setProperty("mail.smtp." + timeout, TIMEOUT);
        }
        return properties;
    }

    private static void set(Properties properties, String name, boolean value) {
        properties.setProperty("mail.smtp." + name, Boolean.toString(value));
    }

    /** Reveals the password when a connection is made. */
    private final class Login extends MailAuthenticator {
        @Override
        public PasswordAuthentication getPasswordAuthentication() {
            return user.isEmpty()
                    ? new PasswordAuthentication(null, null)
                    : new PasswordAuthentication(
                            user, password.map(Secret::reveal).orElse(""));
        }
    }
}
