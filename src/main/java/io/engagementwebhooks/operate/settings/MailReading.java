package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.config.read.EmailAddress;
import io.engagementwebhooks.deliver.email.MailServer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads through which mail server e-mail is sent. */
final class MailReading {

    static final String PASSWORD = "webhooks.mail.password";

    /** What the route looks at. */
    static final String ENABLED = "webhooks.mail.enabled";

    private static final String HOST = "webhooks.mail.host";
    private static final String PORT = "webhooks.mail.port";
    private static final String USER = "webhooks.mail.user";
    private static final String FROM = "webhooks.mail.from";
    private static final String TLS = "webhooks.mail.tls";
    private static final String MAX_PER_HOUR = "webhooks.mail.max-per-hour";

    private MailReading() {}

    static MailServer read(Settings settings, List<String> faults) {
        String host = settings.text(HOST);
        String from = settings.text(FROM);
        if (!host.matches("[A-Za-z0-9._-]*|\\[[0-9A-Fa-f:.]+]")) {
            faults.add(
                    HOST + " must be the name or the address of a host, without port and protocol, not '" + host + "'");
        }
        if (!host.isEmpty() && !EmailAddress.isValid(from)) {
            faults.add(FROM + " must be an e-mail address, such as webhooks@example.com, not '" + from + "'");
        }
        if (settings.text(USER).isEmpty() == settings.secret(PASSWORD).isPresent()) {
            faults.add(USER + " and " + PASSWORD + " go together; give both, or none");
        }
        return new MailServer(
                host,
                (int) settings.number(PORT),
                settings.text(USER),
                settings.secret(PASSWORD),
                from,
                tls(settings, faults),
                (int) settings.number(MAX_PER_HOUR));
    }

    private static MailServer.Encryption tls(Settings settings, List<String> faults) {
        String text = settings.text(TLS);
        Optional<MailServer.Encryption> known = Arrays.stream(MailServer.Encryption.values())
                .filter(each -> word(each).equals(text))
                .findFirst();
        if (known.isEmpty()) {
            faults.add(TLS + " must be one of "
                    + Arrays.stream(MailServer.Encryption.values())
                            .map(MailReading::word)
                            .collect(Collectors.joining(", "))
                    + ", not '" + text + "'");
        }
        return known.orElse(MailServer.Encryption.STARTTLS);
    }

    private static String word(MailServer.Encryption encryption) {
        return encryption.name().toLowerCase(Locale.ROOT);
    }
}
