// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Private to core/study/study*.cpp.

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/VariadicBind.h>

#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include "core/study/sqlite_error.h"
#include "core/study/study.h"

namespace airframe {

/// A curve or a progress may lose its last second to a power cut (WAL, synchronous NORMAL); a finished result may not,
/// so its commit waits for the disk (FULL).
enum class Durability { normal, full };

/// Columns of the current row, read from left to right.
class RowReader {
  public:
    explicit RowReader(SQLite::Statement& statement) : m_statement(statement) {}
    std::int64_t integer() { return m_statement.getColumn(m_next++).getInt64(); }
    int small() { return static_cast<int>(integer()); }
    bool flag() { return integer() != 0; }
    std::string text() { return m_statement.getColumn(m_next++).getString(); }
    double real() {
        const SQLite::Column column = m_statement.getColumn(m_next++);
        return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
    }
    SQLite::Column column() { return m_statement.getColumn(m_next++); }

  private:
    SQLite::Statement& m_statement;
    int m_next = 0;
};

struct Study::Impl {
    Impl(std::filesystem::path file, Mode how, const std::string& name, int flags);

    std::filesystem::path path;
    Mode mode;
    bool newer = false;
    SQLite::Database db;

    /// Runs f and says in our words what SQLite says in its own.
    template <class F>
    auto read(F&& f) -> decltype(f()) {
        try {
            return f();
        } catch (const SQLite::Exception& exception) {
            throw fromSqlite(exception, path);
        }
    }
    /// Runs f inside one BEGIN IMMEDIATE and commits; nothing of it stays when anything throws.
    template <class F>
    auto write(Durability durability, F&& f) -> decltype(f()) {
        refuseReadOnly();
        return read([&]() -> decltype(f()) {
            setDurability(durability);
            SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
            if constexpr (std::is_void_v<decltype(f())>) {
                f();
                transaction.commit();
            } else {
                auto out = f();
                transaction.commit();
                return out;
            }
        });
    }
    void refuseReadOnly() const;
    void setDurability(Durability durability);

    /// One statement with its values, for a write.
    template <class... Args>
    int run(const char* sql, const Args&... args) {
        SQLite::Statement statement(db, sql);
        SQLite::bind(statement, args...);
        return statement.exec();
    }
    template <class... Args>
    std::int64_t insert(const char* sql, const Args&... args) {
        run(sql, args...);
        return db.getLastInsertRowid();
    }
    /// Every row of a query through `make(RowReader&)`.
    template <class Row, class Make, class... Args>
    std::vector<Row> rows(const std::string& sql, Make make, const Args&... args) {
        return read([&] {
            SQLite::Statement statement(db, sql);
            SQLite::bind(statement, args...);
            std::vector<Row> out;
            while (statement.executeStep()) {
                RowReader reader(statement);
                out.push_back(make(reader));
            }
            return out;
        });
    }

    void configure();                      ///< pragmas of every connection
    void checkIdentity();                  ///< application id, version, quick check
    void markInterrupted();                ///< runs whose process is gone
    void takeOwnership(std::int64_t run);  ///< inside a transaction
    /// Row id of a placement, made when missing. Inside a transaction. Throws Failure(bad_input) for bad text.
    std::int64_t candidateId(const std::string& placement);

    Durability durability = Durability::normal;
};

[[nodiscard]] std::string newUuid();  ///< 128 random bits as 32 hexadecimal digits
[[nodiscard]] std::int64_t nowMs();   ///< UTC
[[nodiscard]] inline std::int64_t orNow(std::int64_t t) {
    return t != 0 ? t : nowMs();
}

}  // namespace airframe
