"""What people do with sites, hours, departments and ways to reach the company."""
