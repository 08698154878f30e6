package io.engagementwebhooks.operate;

import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.webhook.SetUp;
import io.engagementwebhooks.webhook.setup.Fault;
import io.engagementwebhooks.webhook.setup.SetUpFaults;
import io.engagementwebhooks.webhook.setup.SetUpFile;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;

/** Checks the set-up file without running anything: {@code --check}. */
final class SetUpCheck {

    private SetUpCheck() {}

    /**
     * What was found.
     *
     * @param faults all of the file's
     * @param setUp what it says; nothing if it has faults
     */
    record Found(List<String> faults, SetUp setUp) {}

    static Found look(Settings settings) {
        SetUpFile.Source source = SetUpInUse.source(settings);
        if (!Files.exists(source.file())) {
            return faulty(
                    source.named() ? List.of("webhooks.config: " + source.file() + " does not exist") : List.of());
        }
        try {
            return new Found(
                    List.of(),
                    SetUpInUse.reader(settings, new EgressRules(settings.egress()), Clock.systemUTC())
                            .read(source.file(), source.placeholders())
                            .setUp());
        } catch (SetUpFaults e) {
            return faulty(told(source, e));
        } catch (IOException e) {
            return faulty(List.of(source.file() + " cannot be read: " + e.getMessage()));
        }
    }

    private static Found faulty(List<String> faults) {
        return new Found(faults, SetUp.empty());
    }

    /** Each as editors and compilers write it: {@code webhooks.yaml:12: …}. */
    static List<String> told(SetUpFile.Source source, SetUpFaults faults) {
        return faults.faults().stream().map(fault -> told(source, fault)).toList();
    }

    private static String told(SetUpFile.Source source, Fault fault) {
        return source.file() + (fault.line() > 0 ? ":" + fault.line() : "") + ": " + fault.text();
    }
}
