package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.deliver.egress.EgressExposureCheck;
import io.engagementwebhooks.operate.JvmEnvironment;
import java.util.ArrayList;
import java.util.List;

/** The profile: {@code prod} refuses unsafe settings at the start, all at once. */
public final class Profile {

    private Profile() {}

    public static List<String> faults(Settings settings, JvmEnvironment jvm) {
        List<String> faults = new ArrayList<>();
        if (!settings.isProd()) {
            return faults;
        }
        EgressExposureCheck.faults(settings.egress()).forEach(fault -> faults.add("profile prod: " + fault));
        faults.addAll(new UnsafeSettings(settings, jvm).faults());
        return faults;
    }

    /** Warnings at the start that do not stop it. */
    public static List<String> warnings(Settings settings) {
        List<String> warnings = new ArrayList<>(settings.warnings());
        if (settings.isProd()) {
            warnings.addAll(OpenSecrets.warnings(settings));
        } else {
            OperatorKeyReading.tooShort(settings).ifPresent(why -> warnings.add("operator-key.short: " + why));
        }
        return warnings;
    }
}
