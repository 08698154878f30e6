package io.engagementwebhooks.operate;

import io.engagementwebhooks.deliver.egress.Exposure;
import java.util.ArrayList;
import java.util.List;

/** In profile {@code prod}, unsafe settings are refused at start, all at once. */
final class Profile {

    private Profile() {}

    static List<String> faults(Settings settings) {
        List<String> faults = new ArrayList<>();
        if (!settings.isProd()) {
            return faults;
        }
        Exposure.faults(settings.egress()).forEach(fault -> faults.add("profile prod: " + fault));
        String management = settings.text("camel.management.host");
        if (!List.of("127.0.0.1", "localhost", "::1").contains(management)) {
            faults.add("profile prod: camel.management.host is " + management
                    + ", and the management port asks for no key; set it to 127.0.0.1");
        }
        return faults;
    }
}
