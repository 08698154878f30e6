package io.engagementwebhooks.console;

import io.engagementwebhooks.console.signin.Session;
import java.util.Map;

/** Appearance for the operator: how the installation calls and colors its console, and which settings say so. Thread-safe. */
record AppearancePage(PageRenderer renderer, Branding branding) implements Area {

    /** Its part of the address. */
    static final String AREA = "appearance";

    @Override
    public PageAnswer answer(PageRequest request, Session session) {
        return renderer.page(AREA, "Appearance", AREA, session, Map.of("branding", branding));
    }
}
