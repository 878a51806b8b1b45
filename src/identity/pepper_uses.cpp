#include "identity/pepper_uses.h"

namespace kavach::identity {

// A stored hash is `<pepper id>:<PHC string>`, the id eight characters long.
Result<std::map<std::string, PepperUses>> pepper_uses(store::Database& database) {
  std::map<std::string, PepperUses> uses;
  auto read = database.read([&](store::Reader& reader) -> Result<void> {
    auto passwords = reader.query("SELECT substr(password_hash, 1, 8), COUNT(*) FROM users GROUP BY 1", {},
                                  [&](const store::Row& row) {
                                    uses[std::string{row.text(0)}].passwords = static_cast<std::size_t>(row.integer(1));
                                  });
    if (!passwords) return passwords;
    return reader.query("SELECT substr(hash, 1, 8), COUNT(*) FROM api_keys WHERE revoked_at IS NULL GROUP BY 1", {},
                        [&](const store::Row& row) {
                          uses[std::string{row.text(0)}].api_keys = static_cast<std::size_t>(row.integer(1));
                        });
  });
  if (!read) return pass_on(read);
  return uses;
}

}  // namespace kavach::identity
