package io.engagementwebhooks.operate;

import io.engagementwebhooks.api.inbox.InboxAddresses;
import io.engagementwebhooks.config.ConfigFile;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.operate.health.ExpiringCredentials;
import io.engagementwebhooks.operate.settings.Settings;
import io.engagementwebhooks.webhook.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the configuration file without running anything: {@code --check}. */
final class ConfigCheck {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigCheck.class);

    private ConfigCheck() {}

    /**
     * The result; warnings are logged.
     *
     * @param faults all faults of the file
     * @param config the configuration; empty if there are faults
     */
    record Result(List<String> faults, Config config) {}

    static Result parse(Settings settings) {
        ConfigFile.Source source = ActiveConfig.source(settings);
        if (!Files.exists(source.file())) {
            return faulty(
                    source.named() ? List.of("webhooks.config: " + source.file() + " does not exist") : List.of());
        }
        try {
            ConfigParser.Good good = ActiveConfig.reader(settings, rules(settings), Clock.systemUTC())
                    .read(source.file(), source.placeholders());
            good.warnings().forEach(warning -> LOG.warn(sentence(source, warning)));
            ExpiringCredentials.warnings(good.config(), Clock.systemUTC()).forEach(LOG::warn);
            return new Result(List.of(), good.config());
        } catch (ConfigFaults e) {
            return faulty(sentences(source, e));
        } catch (IOException e) {
            return faulty(List.of(source.file() + " cannot be read: " + e.getMessage()));
        }
    }

    /** The rules without a store: whether a test inbox exists is not known. */
    static EgressRules rules(Settings settings) {
        Optional<String> site = settings.inboxes(Integer.parseInt(settings.text("camel.server.port")));
        return new EgressRules(settings.egress(), url -> site.filter(at -> InboxAddresses.isAt(at, url))
                .isPresent());
    }

    private static Result faulty(List<String> faults) {
        return new Result(faults, Config.empty());
    }

    /** Faults in the format of compilers: {@code webhooks.yaml:12: …}. */
    static List<String> sentences(ConfigFile.Source source, ConfigFaults faults) {
        return faults.faults().stream().map(fault -> sentence(source, fault)).toList();
    }

    private static String sentence(ConfigFile.Source source, Fault fault) {
        return source.file() + (fault.line() > 0 ? ":" + fault.line() : "") + ": " + fault.text();
    }
}
