package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.console.Branding;
import io.engagementwebhooks.console.Logo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads name, logo and color of the console. */
final class BrandingReading {

    private static final String NAME = "webhooks.console.name";
    private static final String LOGO = "webhooks.console.logo";
    private static final String COLOR = "webhooks.console.color";
    private static final int LONGEST_NAME = 40;

    private BrandingReading() {}

    static Branding read(Settings settings, List<String> faults) {
        String name = settings.text(NAME);
        if (name.isBlank() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            faults.add(NAME + " must have 1 to " + LONGEST_NAME + " characters, none of them a control character");
            name = Branding.DEFAULT.name();
        }
        return new Branding(name, logo(settings.text(LOGO), faults), color(settings.text(COLOR), faults));
    }

    private static Optional<String> color(String text, List<String> faults) {
        if (text.matches("#[0-9a-fA-F]{6}")) {
            return Optional.of(text);
        }
        if (!text.isEmpty()) {
            faults.add(COLOR + " must be a color such as #3f4fd0, not '" + text + "'");
        }
        return Optional.empty();
    }

    private static Optional<Logo> logo(String file, List<String> faults) {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return Optional.of(Logo.of(in.readNBytes(Logo.MOST_BYTES + 1)));
        } catch (IOException | InvalidPathException e) {
            faults.add(LOGO + ": file '" + file + "' cannot be read; it must exist and be readable");
        } catch (IllegalArgumentException e) {
            faults.add(LOGO + ": file '" + file + "' " + e.getMessage());
        }
        return Optional.empty();
    }
}
