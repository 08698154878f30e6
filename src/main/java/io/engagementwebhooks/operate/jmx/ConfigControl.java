package io.engagementwebhooks.operate.jmx;

import java.util.List;

/** Status of the configuration and its files. */
@Described("Status of the configuration and its files")
public interface ConfigControl {

    @Described("Status of the configuration file: CURRENT, BROKEN, GONE or NONE")
    String getState();

    @Described("The status in a sentence")
    String getSummary();

    @Described("Faults of the configuration file")
    List<String> getFaults();

    @Described("Faults of the route files; the routes that run keep running")
    List<String> getRouteFaults();

    @Described(
            "Reads the configuration file, and the files and variables that it names, changed or not. Returns the status")
    String reload();
}
