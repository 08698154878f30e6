package io.engagementwebhooks.console;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The logo: an SVG or a PNG. Immutable. */
public final class Logo {

    /** Size limit of the file in bytes. */
    public static final int MOST_BYTES = 64 * 1024;

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final String SVG = "http://www.w3.org/2000/svg";

    private final boolean vector;
    private final byte[] bytes;

    private Logo(boolean vector, byte[] bytes) {
        this.vector = vector;
        this.bytes = bytes;
    }

    /** @throws IllegalArgumentException naming the error, if it is not an SVG or PNG, or too large */
    public static Logo of(byte[] bytes) {
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException("must have " + MOST_BYTES + " bytes at most");
        }
        boolean raster = bytes.length > PNG.length && Arrays.equals(bytes, 0, PNG.length, PNG, 0, PNG.length);
        if (!raster && !isSvg(bytes)) {
            throw new IllegalArgumentException("must be a PNG or an SVG without a document type");
        }
        return new Logo(!raster, bytes.clone());
    }

    private static boolean isSvg(byte[] bytes) {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(bytes));
            boolean svg = false;
            int depth = 0;
            while (reader.hasNext()) {
                int event = reader.next();
                if (event == XMLStreamReader.DTD) {
                    return false;
                }
                if (event == XMLStreamReader.START_ELEMENT && depth++ == 0) {
                    svg = reader.getLocalName().equals("svg") && SVG.equals(reader.getNamespaceURI());
                }
            }
            return svg;
        } catch (XMLStreamException e) {
            return false;
        }
    }

    String name() {
        return vector ? "logo.svg" : "logo.png";
    }

    String type() {
        return vector ? "image/svg+xml" : "image/png";
    }

    byte[] bytes() {
        return bytes.clone();
    }
}
