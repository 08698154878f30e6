package io.engagementwebhooks.store.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.engagementwebhooks.store.transfer.TransferTable.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/** The key of a row as a JSON array: numbers, texts, and bytes in Base64. */
final class Position {

    private static final ObjectMapper JSON = new ObjectMapper();

    private Position() {}

    /** The key of the current row. @param first the first column of the key */
    static String of(ResultSet row, int first, List<Column> key) throws SQLException {
        ArrayNode values = JSON.createArrayNode();
        for (int i = 0; i < key.size(); i++) {
            switch (key.get(i).type()) {
                case TEXT -> values.add(row.getString(first + i));
                case BYTEA -> values.add(row.getBytes(first + i));
                default -> values.add(row.getLong(first + i));
            }
        }
        return values.toString();
    }

    /** Sets the key as the first parameters of a statement. */
    static void set(PreparedStatement statement, String position, List<Column> key) throws SQLException {
        try {
            JsonNode values = JSON.readTree(position);
            for (int i = 0; i < key.size(); i++) {
                switch (key.get(i).type()) {
                    case TEXT -> statement.setString(i + 1, values.get(i).textValue());
                    case BYTEA -> statement.setBytes(i + 1, values.get(i).binaryValue());
                    default -> statement.setLong(i + 1, values.get(i).longValue());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
