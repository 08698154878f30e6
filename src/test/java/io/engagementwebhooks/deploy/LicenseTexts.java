package io.engagementwebhooks.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The licenses of libraries, and the texts of licenses and notices that they carry, each once. */
final class LicenseTexts {

    private static final Pattern TEXT =
            Pattern.compile("(.*/)?(LICEN[SC]E|NOTICE|COPYING)[^/]*(?<!\\.class)", Pattern.CASE_INSENSITIVE);
    private static final String LINE = "=".repeat(100);

    private LicenseTexts() {}

    /**
     * Versions do not stand in it, so that it changes with a text or a library only.
     *
     * @param libraries the jars
     * @param listed what the bill of materials says of each, by the name of its jar
     */
    static String of(List<Path> libraries, Map<String, JsonNode> listed) throws IOException {
        Map<String, TreeSet<String>> byLicense = new TreeMap<>();
        Map<String, TreeSet<String>> byText = new TreeMap<>();
        for (Path library : libraries) {
            JsonNode component = listed.get(library.getFileName().toString());
            String name = component.get("group").asText() + ":"
                    + component.get("name").asText();
            byLicense
                    .computeIfAbsent(licenses(component), license -> new TreeSet<>())
                    .add(name);
            for (String text : texts(library)) {
                byText.computeIfAbsent(text, first -> new TreeSet<>()).add(name);
            }
        }
        StringBuilder all = new StringBuilder(
                """
                Libraries in engagement-webhooks.jar by license, then the licenses and notices that they carry.
                Their versions are in META-INF/sbom/bom.json.
                """);
        byLicense.forEach((license, names) -> all.append("\n")
                .append(license)
                .append("\n  ")
                .append(String.join("\n  ", names))
                .append("\n"));
        byText.forEach((text, names) -> all.append("\n")
                .append(LINE)
                .append("\nOf ")
                .append(String.join(", ", names))
                .append(":\n\n")
                .append(text)
                .append("\n"));
        return all.toString();
    }

    private static String licenses(JsonNode component) {
        return String.join(
                " or ",
                StreamSupport.stream(component.get("licenses").spliterator(), false)
                        .map(each -> each.has("expression")
                                ? each.get("expression").asText()
                                : each.at("/license/id")
                                        .asText(each.at("/license/name").asText()))
                        .toList());
    }

    private static List<String> texts(Path library) throws IOException {
        TreeSet<String> texts = new TreeSet<>();
        try (ZipFile zip = new ZipFile(library.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (!entry.isDirectory() && TEXT.matcher(entry.getName()).matches()) {
                    String text = new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
                    texts.add(text.replaceAll("[ \t\r]+\n", "\n").strip());
                }
            }
        }
        return List.copyOf(texts);
    }
}
