package io.engagementwebhooks.operate.jmx;

import java.util.List;

/** What is set up, and how it stands to the files. */
@Described("What is set up, and how it stands to its files")
public interface ConfigControl {

    @Described("How what runs stands to the set-up file: CURRENT, BROKEN, GONE or NONE")
    String getState();

    @Described("The same in a sentence")
    String getSummary();

    @Described("What is wrong with the set-up file")
    List<String> getFaults();

    @Described("What is wrong with the route files; those before them run on")
    List<String> getRouteFaults();

    @Described(
            "Reads the set-up file, and the files and variables that it names, now, changed or not. Returns how what runs"
                    + " stands to it then")
    String reread();
}
